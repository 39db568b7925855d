//! Ids of records: short, stable, unique per kind. An id and the thing it names are different things.

use std::fmt;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// Id of an asset.
    AssetId;
    /// Id of a product.
    ProductId;
    /// Id of a zone.
    ZoneId;
    /// Id of a conduit.
    ConduitId;
    /// Id of a permit, unique in the plant.
    PermitId;
    /// Id of a group of assets.
    GroupId;
    /// Id of a countermeasure.
    CountermeasureId;
    /// Id of a claim.
    ClaimId;
    /// Id of a piece of evidence.
    EvidenceId;
    /// Id of a threat source.
    ThreatSourceId;
    /// Id of a scenario.
    ScenarioId;
    /// Id of a consequence.
    ConsequenceId;
    /// Id of a hazard.
    HazardId;
    /// Id of a test.
    TestId;
    /// Id of an approval.
    ApprovalId;
    /// Id of a security profile.
    ProfileId;
    /// Id of a waiver.
    WaiverId;
    /// Id of a role, as the plant declares them.
    RoleId;
    /// Id of an essential function.
    FunctionId;
    /// Id of an outage window.
    OutageId;
}
