use serde_json::{Map, Value as Json, json};

use crate::schema::{Bounds, Constant, Field, Kind, Meta};

impl Meta {
    /// Returns the smallest input that the table allows, by the names of the parameters: for tests, simulators and
    /// tools.
    ///
    /// It holds every required parameter, fixed values included, and nothing else. Rules between parameters are not in
    /// the table, so a few operations need more than this: see [`example`](crate::operation::example).
    ///
    /// ```
    /// use koodrive_proto::Operation;
    /// use koodrive_proto::ops::shared_folders::CreateSharedFolder;
    ///
    /// let example = serde_json::json!({"shareType": 0, "containerId": "1", "name": "Family photos"});
    /// assert_eq!(serde_json::Value::from(CreateSharedFolder::META.example()), example);
    /// ```
    pub fn example(&self) -> Map<String, Json> {
        table(self.params, Bounds::NONE)
    }
}

fn table(fields: &[Field], bounds: Bounds) -> Map<String, Json> {
    let required = fields.iter().filter(|field| field.required);
    required.map(|field| (field.name.to_owned(), bounds.narrow(field).example())).collect()
}

impl Field {
    /// Returns a value that this parameter may have.
    pub fn example(&self) -> Json {
        example(&self.kind, self.bounds())
    }
}

impl Kind {
    /// Returns a value of this kind.
    pub fn example(&self) -> Json {
        example(self, Bounds::NONE)
    }
}

fn example(kind: &Kind, bounds: Bounds) -> Json {
    let size = || bounds.limit.map_or(1, |limit| usize::try_from(limit.min).unwrap_or(1).max(1));
    match kind {
        Kind::Text | Kind::AgentName => "1".repeat(size()).into(),
        Kind::Rule(rule) => {
            let shortest = bounds.limit.map_or(0, |limit| usize::try_from(limit.min).unwrap_or(0));
            let longer = rule.example.chars().cycle().take(shortest);
            let is_enough = rule.example.chars().count() >= shortest;
            if is_enough { rule.example.into() } else { longer.collect::<String>().into() }
        }
        Kind::Number { min, .. } => {
            let smallest = bounds.limit.map_or_else(|| (*min).max(0), |limit| limit.min);
            let number = i64::try_from(smallest).map(Json::from);
            number.or_else(|_| u64::try_from(smallest).map(Json::from)).unwrap_or(Json::Null)
        }
        Kind::Bool => false.into(),
        Kind::Choice(choices) => {
            choices.iter().find(|choice| bounds.allow(choice)).map_or(Json::Null, |choice| choice.value.into())
        }
        Kind::Fixed(constant) => (*constant).into(),
        Kind::Quoted(inner) => match example(inner, bounds) {
            Json::Number(number) => number.to_string().into(),
            other => other,
        },
        Kind::List(inner) => Json::Array(vec![example(inner, bounds.of_items()); size()]),
        Kind::Joined(separator, inner) => {
            let entry = match inner.example() {
                Json::String(text) => text,
                other => other.to_string(),
            };
            vec![entry; size()].join(&separator.to_string()).into()
        }
        Kind::Object(fields) => table(fields, bounds).into(),
        Kind::File(ends) => {
            json!({"fileName": format!("file{}", ends.first().copied().unwrap_or_default()), "content": "content"})
        }
    }
}

impl From<Constant> for Json {
    fn from(constant: Constant) -> Self {
        match constant {
            Constant::Number(number) => number.into(),
            Constant::Text(text) => text.into(),
            Constant::Bool(flag) => flag.into(),
        }
    }
}
