use serde_json::{Map, Value as Json, json};

use crate::operation::{Field, Limit, Meta};
use crate::param::{Choice, Kind, Wire};

impl Meta {
    /// The smallest input that the table allows, by the names of the parameters: for tests, simulators and tools.
    ///
    /// What is required and nothing else, fixed values included. Rules between parameters are not in the table, so that a
    /// few operations want more.
    ///
    /// ```
    /// use koodrive_proto::Operation;
    /// use koodrive_proto::ops::shared_folders::CreateSharedFolder;
    ///
    /// let example = serde_json::json!({"shareType": 0, "containerId": "1", "name": "Family photos"});
    /// assert_eq!(serde_json::Value::from(CreateSharedFolder::META.example()), example);
    /// ```
    pub fn example(&self) -> Map<String, Json> {
        table(self.params)
    }
}

fn table(fields: &[Field]) -> Map<String, Json> {
    let required = fields.iter().filter(|field| field.required);
    required.map(|field| (field.name.to_owned(), field.kind.example(field.limit))).collect()
}

impl Kind {
    /// A value of this kind within a limit.
    pub fn example(&self, limit: Option<Limit>) -> Json {
        let within = |number: i64| limit.is_none_or(|limit| (limit.min..=limit.max).contains(&number.into()));
        match self {
            Self::Text | Self::AgentName => {
                let length = limit.map_or(1, |limit| usize::try_from(limit.min).unwrap_or(1).max(1));
                "1".repeat(length).into()
            }
            Self::Rule(rule) => rule.example.into(),
            Self::Number { min, .. } => {
                let smallest = limit.map_or_else(|| (*min).max(1), |limit| limit.min);
                i64::try_from(smallest).unwrap_or(1).into()
            }
            Self::Bool => false.into(),
            Self::Choice(choices) => {
                let allowed = |choice: &&Choice| !matches!(choice.wire, Wire::Number(number) if !within(number));
                choices.iter().find(allowed).map_or(Json::Null, |choice| choice.wire.into())
            }
            Self::Fixed(wire) => (*wire).into(),
            Self::Quoted(inner) => match inner.example(limit) {
                Json::Number(number) => number.to_string().into(),
                other => other,
            },
            Self::List(inner) => {
                let length = limit.map_or(1, |limit| usize::try_from(limit.min).unwrap_or(1).max(1));
                Json::Array(vec![inner.example(None); length])
            }
            Self::Object(fields) => table(fields).into(),
            Self::File(ends) => {
                json!({"fileName": format!("file{}", ends.first().copied().unwrap_or_default()), "content": "content"})
            }
        }
    }
}

impl From<Wire> for Json {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Number(number) => number.into(),
            Wire::Text(text) => text.into(),
            Wire::Bool(flag) => flag.into(),
        }
    }
}
