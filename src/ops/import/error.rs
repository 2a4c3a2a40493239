//! Why something cannot be imported, and what to do about it.

use crate::diag::Span;
use crate::model::Address;

/// Why something cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nobody knows its type.
    #[error("{address} cannot be imported: there is no resource type `{}`", address.kind)]
    NoSuchType {
        /// What was asked for.
        address: Address,
        /// The type that was probably meant.
        near: Option<String>,
    },
    /// The project does not declare it.
    #[error("{address} cannot be imported: the configuration does not declare it")]
    NotDeclared {
        /// What was asked for.
        address: Address,
        /// What was probably meant.
        near: Option<String>,
        /// It would belong to something, and its address does not say to what.
        child: bool,
    },
    /// The project does not declare what it belongs to.
    #[error("{address} cannot be imported: it belongs to {parent}, which the configuration does not declare")]
    NoParent {
        /// What was asked for.
        address: Address,
        /// What it would belong to.
        parent: Address,
        /// What was probably meant.
        near: Option<String>,
    },
    /// The configuration names something else.
    #[error("{address} cannot be imported as `{id}`: the configuration says that it is `{declared}`")]
    AnotherName {
        /// What was asked for.
        address: Address,
        /// Under which name.
        id: String,
        /// Its name.
        declared: String,
        /// Its name with its region.
        whole: String,
        /// Whose name it is that was given.
        holder: Option<Address>,
    },
    /// It is under management already.
    #[error("{address} is recorded already, as `{recorded}`")]
    Recorded {
        /// Which.
        address: Address,
        /// What the cloud knows it by.
        recorded: String,
    },
    /// Another resource is recorded there.
    #[error("{address} is recorded already, as `{recorded}`, and the configuration says `{declared}` now")]
    RecordedOtherwise {
        /// Which.
        address: Address,
        /// What is recorded there.
        recorded: String,
        /// What is declared there.
        declared: String,
    },
    /// It is recorded under another address.
    #[error("{address} cannot be imported: `{recorded}` is recorded as {holder}")]
    Elsewhere {
        /// What was asked for.
        address: Address,
        /// Where it is recorded.
        holder: Address,
        /// What the cloud knows it by.
        recorded: String,
    },
    /// What it belongs to is not under management.
    #[error("{address} cannot be imported before {parent}, which it belongs to and which is not recorded")]
    ParentFirst {
        /// What was asked for.
        address: Address,
        /// What it belongs to.
        parent: Address,
    },
    /// It does not exist.
    #[error("{address} cannot be imported: there is no `{name}`")]
    NotLive {
        /// What was asked for.
        address: Address,
        /// What the cloud would know it by.
        name: String,
        /// What was probably meant.
        near: Option<Address>,
        /// The configuration declares it.
        declared: bool,
    },
    /// A rule of the project gives the address to something that is recorded.
    #[error("{address} cannot be imported: a `moved` rule gives this address to a record")]
    Promised {
        /// What was asked for.
        address: Address,
        /// Where that is recorded.
        holder: Address,
    },
    /// The project cannot say it.
    #[error("{address} cannot be written into the configuration: {why}{}", place(.at.as_ref()))]
    NotWritten {
        /// What was asked for.
        address: Address,
        /// Why.
        why: String,
        /// The place that a person has to look at.
        at: Option<Span>,
    },
}

fn place(at: Option<&Span>) -> String {
    at.map_or_else(String::new, |span| format!(" ({span})"))
}

impl ImportError {
    /// Says what to do now.
    pub fn help(&self) -> String {
        let meant = |near: &Option<String>| near.as_ref().map(|near| format!("did you mean {near}?"));
        match self {
            Self::NoSuchType { near, .. } => {
                meant(near).unwrap_or_else(|| "`triform plan` shows every address".to_owned())
            }
            Self::NotDeclared { address, .. } if address.to_string().contains('*') => {
                "it takes one address, and no pattern of them".to_owned()
            }
            Self::NotDeclared { child: true, near, .. } => {
                let form = "its address says what it belongs to: fc3_trigger.hello[\"http\"]";
                meant(near).unwrap_or_else(|| form.to_owned())
            }
            Self::NotDeclared { near, .. } | Self::NoParent { near, .. } => {
                let declare =
                    "declare it in the configuration first, with its region and its name in the cloud";
                meant(near).map_or_else(|| declare.to_owned(), |meant| format!("{meant} If not, {declare}"))
            }
            Self::AnotherName { holder: Some(holder), .. } => format!("that is {holder}; import it as that"),
            Self::AnotherName { declared, whole, .. } => {
                format!(
                    "name `{declared}` (or `{whole}`), or give it that name and region in the configuration"
                )
            }
            Self::Recorded { .. } => "there is nothing to import; `triform plan` compares it".to_owned(),
            Self::RecordedOtherwise { address, .. } => {
                format!(
                    "`triform apply` replaces the one by the other; to forget the recorded one and leave it in the cloud, \
                     `triform state rm '{address}'` comes first"
                )
            }
            Self::Elsewhere { address, holder, .. } => {
                format!("a record gets another address with `triform state mv '{holder}' '{address}'`")
            }
            Self::ParentFirst { parent, .. } => format!("begin with `triform import '{parent}'`"),
            Self::NotLive { near: Some(near), .. } => format!("did you mean {near}?"),
            Self::NotLive { declared: true, .. } => {
                "mend its name or region in the configuration; `triform apply` creates what does not exist"
                    .to_owned()
            }
            Self::NotLive { .. } => {
                "look for its name in the console; `triform drift` names what was added online".to_owned()
            }
            Self::Promised { holder, .. } => {
                format!("apply first, which moves the record of {holder}; or take the rule out")
            }
            Self::NotWritten { .. } => "declare it by hand as it is live, and import it then".to_owned(),
        }
    }
}
