//! How times and names stand in a run's records: milliseconds, and text that is checked when it is read.

/// A [`Timestamp`](crate::clock::Timestamp) as milliseconds.
pub(super) mod ms {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::clock::Timestamp;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(in crate::automation) fn serialize<S: Serializer>(
        at: &Timestamp,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_u64(at.millis())
    }

    pub(in crate::automation) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Timestamp, D::Error> {
        u64::deserialize(from).map(Timestamp::from_millis)
    }
}

/// The same for a moment that may not have come.
pub(super) mod maybe_ms {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::clock::Timestamp;

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(in crate::automation) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::millis).serialize(to)
    }

    pub(in crate::automation) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Timestamp::from_millis))
    }
}

/// A tenant's id as text.
pub(super) mod tenant {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::tenant::TenantId;

    pub(in crate::automation) fn serialize<S: Serializer>(
        id: &TenantId,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(id.as_str())
    }

    pub(in crate::automation) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<TenantId, D::Error> {
        TenantId::new(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A run's id as text.
pub(super) mod run_id {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::automation::RunId;

    pub(in crate::automation) fn serialize<S: Serializer>(
        id: &RunId,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(id.as_str())
    }

    pub(in crate::automation) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<RunId, D::Error> {
        RunId::new(String::deserialize(from)?).map_err(D::Error::custom)
    }
}
