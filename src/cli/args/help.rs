//! What `--help` says below the flags.

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    done, or nothing to do
  1    an error, an unreadable resource, or a part of the apply failed
  2    plan --detailed-exitcode: the plan is not empty; drift: something was changed online
  3    decisions are open and nobody can be asked; nothing was changed
  4    the state or the cloud moved since the plan was made; nothing was changed
  5    the state, or the embedded cloud's data, is held by somebody else
  6    not approved
  130  interrupted";

pub(super) const SELECTORS: &str = "\
Selectors name resources, and places in them; quote them for the shell:
  'fc3_function.hello'               one resource
  'fc3_trigger.*'                    every trigger; * stands for any text
  'fc3_function.hello:memorySize'    one place in a resource; '*:code' is the code of all
  --use-local and --use-live take all of them, as --use-local='*:code'; --target and
  --exclude take whole resources. Where two match, the more specific one wins, and a tie is
  an error; docs/decisions.md says more.";

pub(super) const RECORDS: &str = "\
What changes the state shows what it will do, and asks. It takes the state's lock, and settles an apply
that was interrupted first. `triform plan` afterwards says what comes of it.";

pub(super) const ADOPT: &str = "\
Without a selector everything is adopted that was changed online, or that was accepted before.
  triform adopt 'fc3_function.hello:memorySize'   one value
  triform adopt '*:code'                          the code of all functions
  triform adopt --patch | git apply               the same as a patch
All files are written, or none. What cannot be written is told with the way out, and stays open;
docs/adopt.md says when that is.";

pub(super) const IMPORTING: &str = "\
  triform import fc3_function.hello             what s.yaml declares, and exists already
  triform import 'fc3_trigger.hello[\"nightly\"]' what somebody added to a function online
What s.yaml declares is recorded as it is live. Where the two differ the next plan asks; until then
nothing is overwritten. A trigger that s.yaml does not declare is written into it, under its function.
The ID says what it is in the cloud: hello, cn-hangzhou/hello, or hello/nightly for a trigger. It is
what s.yaml says unless it is given, and has to be that. docs/import.md says more.";

pub(super) const UNDOING: &str = "\
s.yaml and the code folder stay as they are. What is brought back is recorded as accepted where they
say otherwise: the next plan is empty, and --use-local=ADDRESS:PATH plans the project's value again.
What somebody edited since that apply is asked about: --use-local brings back what was there before
it, --use-live leaves it as it is. `triform plan --undo` shows the plan in any format, and saves it
with -o. After an undo, `triform undo` goes forth again.";

pub(super) const KEYS: &str = "\
A key that is locked takes its passphrase from TRIFORM_KEY_PASSPHRASE, from the agent of
SSH_AUTH_SOCK, or from you at the terminal. Of a key that only an agent or hardware can use,
name the public half. docs/approval.md says how to sign and verify with ssh-keygen.";
