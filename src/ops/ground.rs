//! What an apply stands on beside its plan: the state, the secrets in clear, and the contents of files.
//!
//! A fresh apply has it from the survey that its plan was made from; the apply of a saved plan gathers it anew.

use std::collections::BTreeMap;

use super::code::Shelf;
use super::{Failure, Setup};
use crate::model::{
    Address, Attributes, CloudError, Digest, Identity, Path, Planned, Resource, Schema, Sealer, Tree, Value,
};
use crate::plan::{Document, Live};
use crate::state::{Owner, State};

/// Secrets in clear, by resource and path.
pub type Secrets = BTreeMap<Address, BTreeMap<Path, Value>>;

/// Live secrets in clear, by identity and path.
pub type LiveSecrets = Vec<(Identity, Path, Value)>;

/// What an apply stands on.
pub struct Ground {
    /// Whose state it is.
    pub owner: Owner,
    /// The state, with all that an interrupted apply is known to have done.
    pub state: Option<State>,
    /// Seals the secrets of all three sides, as the plan has them.
    pub sealer: Sealer,
    /// Secrets that the configuration declares.
    pub secrets: Secrets,
    /// Live secrets; for sealing them again with a new state's salt.
    pub live_secrets: LiveSecrets,
    /// Contents and packages seen so far.
    pub shelf: Shelf,
}

impl Ground {
    /// Returns the ground of a saved plan: the state that it continues, and the secrets as they were read again.
    ///
    /// # Errors
    /// Fails when the state is somebody else's or moved on, or an apply is to be settled first, and when a secret
    /// has another value than the plan was made with.
    pub fn of(setup: &Setup, document: &Document, secrets: Secrets) -> Result<Self, Failure> {
        let Document { plan, contents, .. } = document;
        let kept = setup.store.read()?;
        super::check_owner(&setup.store, &kept, &plan.owner)?;
        let basis = kept.state.as_ref().map(|state| (state.lineage.clone(), state.serial));
        if kept.journal.is_some() || basis != plan.basis {
            return Err(Failure::StaleState);
        }
        let state = kept.state;
        let salt = state
            .as_ref()
            .map_or_else(|| super::survey::derived_salt(&plan.owner), |state| state.salt.clone());
        let sealer = Sealer::new(salt, setup.secret_names.clone());
        for (address, values) in &secrets {
            let Some(change) = plan.changes.get(address) else { continue };
            for (path, value) in values {
                let planned = change.desired.get(path).and_then(Planned::known);
                if planned != Some(&sealer.seal(&change.identity, path, value)) {
                    return Err(Failure::StaleSecret { address: address.clone(), path: path.clone() });
                }
            }
        }
        let shelf = Shelf::default();
        shelf.add_contents(contents);
        let owner = plan.owner.clone();
        Ok(Self { owner, state, sealer, secrets, live_secrets: LiveSecrets::new(), shelf })
    }

    /// Returns the live secrets of a resource, in clear.
    pub(super) fn secrets_of(&self, schema: &Schema, resource: &Resource) -> LiveSecrets {
        let secret = |(path, _): &(&Path, &Value)| self.sealer.is_secret(schema, path);
        let secrets = resource.attributes.iter().filter(secret);
        secrets.map(|(path, value)| (resource.identity.clone(), path.clone(), value.clone())).collect()
    }

    /// Returns what is live, sealed and with its code; downloads a package only where its checksum is new.
    pub(super) async fn live_side(
        &self,
        setup: &Setup,
        resource: &Resource,
        schema: &Schema,
        known: &[(&str, &Attributes)],
    ) -> Result<Live, CloudError> {
        let mut attributes = self.sealer.seal_all(schema, &resource.identity, &resource.attributes);
        let mut archive = None;
        if let (true, Some(package)) = (schema.has_code(), &resource.package) {
            if let Some((_, code)) = known.iter().find(|(checksum, _)| *checksum == package.checksum) {
                attributes.extend(code.iter().map(|(path, value)| (path.clone(), value.clone())));
            } else {
                let trees: Vec<Tree> = known.iter().map(|(_, code)| Tree::of(code)).collect();
                let provider = setup.provider.as_ref();
                let (code, digest) = self.shelf.download(provider, &resource.identity, &trees).await?;
                attributes.extend(code);
                archive = Some(digest);
            }
        }
        Ok(Live {
            attributes,
            outputs: resource.outputs.clone(),
            modified: resource.modified.clone(),
            package: resource.package.clone(),
            archive,
        })
    }

    /// Returns a live package that the plan saw: from this run, else downloaded, if it is still that one.
    pub(super) async fn archive(
        &self,
        setup: &Setup,
        identity: &Identity,
        digest: Digest,
    ) -> Option<bytes::Bytes> {
        if let Some(bytes) = self.shelf.archive(digest) {
            return Some(bytes);
        }
        let bytes = setup.provider.package(identity).await.ok()?;
        (Digest::of(&bytes) == digest).then_some(bytes)
    }
}
