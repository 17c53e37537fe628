//! Spaces and their state.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use koodrive_proto::Operation;
use koodrive_proto::ops::spaces::{
    DeleteSpace, GetSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, GetSpaces, SpaceStatus,
    SpaceType, UpdateSpace,
};
use serde_json::{Value as Json, json};

use crate::reply::{Refusal, Reply};
use crate::route::Input;

/// When the spaces that exist from the beginning were created, taken from the example of GetSpaceUsageByUser.
const CREATED: &str = "2025-11-12T08:37:14.613Z";
const EXPIRES: &str = "2035-11-12T08:37:14.613Z";

#[derive(Debug)]
pub(crate) struct Spaces {
    all: Vec<Space>,
    /// How many spaces there have ever been: ids are not reused.
    count: u64,
}

#[derive(Debug)]
struct Space {
    container_id: String,
    owner_id: String,
    kind: SpaceType,
    status: String,
    capacity_gb: u64,
    used_kb: u64,
    updated: String,
}

impl Default for Spaces {
    /// The owners in the manual's examples: a user and a department with the same id, and two users.
    fn default() -> Self {
        let mut spaces = Self { all: Vec::new(), count: 0 };
        spaces.add("1289173650183882753", SpaceType::Individual, 1, 654_777);
        spaces.add("1289173650183882753", SpaceType::Department, 1, 0);
        spaces.add("232323", SpaceType::Individual, 1, 0);
        spaces.add("34343434", SpaceType::Individual, 1, 0);
        spaces
    }
}

impl Spaces {
    /// Adds a user's own space, unless they have one.
    pub(crate) fn add_user(&mut self, user_id: &str) {
        if !self.all.iter().any(|space| space.owner_id == user_id && space.kind == SpaceType::Individual) {
            self.add(user_id, SpaceType::Individual, 1, 0);
        }
    }

    pub(crate) fn add(&mut self, owner_id: &str, kind: SpaceType, capacity_gb: u64, used_kb: u64) {
        let container_id = (1_309_243_162_258_308_352 + self.count).to_string();
        self.count += 1;
        self.all.push(Space {
            container_id,
            owner_id: owner_id.to_owned(),
            kind,
            status: SpaceStatus::Normal.as_str().to_owned(),
            capacity_gb,
            used_kb,
            updated: CREATED.to_owned(),
        });
    }

    /// Executes a call whose parameters were checked.
    pub(crate) fn run(&mut self, input: &Input<'_>, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        match input.meta.name {
            name if name == GetSpace::META.name => {
                let at = self.find(input)?;
                Ok(Reply::default().with("data", self.all[at].info()))
            }
            name if name == GetSpaces::META.name => {
                let spaces: Vec<Json> = self.matching(input).map(|(_, space)| space.info()).collect();
                Ok(Reply::default().with("data", spaces))
            }
            name if name == UpdateSpace::META.name => {
                let at = self.find(input)?;
                let space = &mut self.all[at];
                if let Some(capacity) = input.number("capacity") {
                    space.capacity_gb = capacity;
                }
                if let Some(status) = input.text("status") {
                    space.status = status;
                }
                space.updated = now.to_rfc3339_opts(SecondsFormat::Millis, true);
                Ok(Reply::default())
            }
            name if name == DeleteSpace::META.name => {
                let at = self.find(input)?;
                self.all.remove(at);
                Ok(Reply::default())
            }
            name if name == GetSpaceUsageOverview::META.name => Ok(Reply::default().with("data", usage(&self.all))),
            name if name == GetSpaceUsageByQuota::META.name => {
                let mut groups: BTreeMap<u64, Vec<&Space>> = BTreeMap::new();
                for space in &self.all {
                    groups.entry(space.capacity_gb).or_default().push(space);
                }
                let rows = groups.iter().map(|(quota, spaces)| {
                    let mut row = usage(spaces.iter().copied());
                    row["quota"] = json!(quota.to_string());
                    row
                });
                Ok(page(rows.collect(), input))
            }
            name if name == GetSpaceUsageByUser::META.name => {
                let users: Option<BTreeSet<String>> = input.texts("userIds").map(|ids| ids.into_iter().collect());
                let rows = self.all.iter().filter(|space| space.kind == SpaceType::Individual);
                let rows = rows.filter(|space| users.as_ref().is_none_or(|users| users.contains(&space.owner_id)));
                Ok(page(rows.map(Space::quota).collect(), input))
            }
            // Of the others no state is kept.
            _ => Ok(Reply::documented(input.meta)),
        }
    }

    /// Finds the spaces that a call may mean.
    fn matching(&self, input: &Input<'_>) -> impl Iterator<Item = (usize, &Space)> {
        let (owner, container) = (input.text("ownerId"), input.text("containerId"));
        let kind = input.text("type").and_then(|kind| kind.parse().ok()).map(|kind: i64| SpaceType::from(kind));
        self.all.iter().enumerate().filter(move |(_, space)| {
            Some(&space.owner_id) == owner.as_ref()
                && Some(space.kind) == kind
                && container.as_ref().is_none_or(|id| *id == space.container_id)
        })
    }

    /// Finds the one space that a call means.
    fn find(&self, input: &Input<'_>) -> Result<usize, Refusal> {
        let mut matching = self.matching(input);
        match (matching.next(), matching.next()) {
            (Some((at, _)), None) => Ok(at),
            (None, _) => Err(Refusal::new("13000301", "")),
            (Some(_), Some(_)) => Err(Refusal::new("13000102", "containerId is needed: the owner has several spaces")),
        }
    }
}

impl Space {
    /// SpaceInfo, in which every member has the type String.
    fn info(&self) -> Json {
        json!({
            "type": self.kind.number().to_string(),
            "status": self.status,
            "ownerId": self.owner_id,
            "containerId": self.container_id,
            "capacity": self.capacity_gb.to_string(),
            "spaceUsed": self.used_kb.to_string(),
            "createTime": CREATED,
            "updateTime": self.updated,
        })
    }

    /// UserSpaceQuota, with the quota in KB as in the enterprise example.
    fn quota(&self) -> Json {
        json!({
            "quota": (u128::from(self.capacity_gb) * 1024 * 1024).to_string(),
            "userId": self.owner_id,
            "used": self.used_kb,
            "createTime": CREATED,
            "effectiveTime": CREATED,
            "expirationTime": EXPIRES,
        })
    }
}

/// SpaceQuotaUsage, by the reading that fits the examples: a count, GB, KB.
fn usage<'a>(spaces: impl IntoIterator<Item = &'a Space>) -> Json {
    let (mut count, mut capacity_gb, mut used_kb) = (0, 0_u64, 0_u64);
    for space in spaces {
        count += 1;
        capacity_gb = capacity_gb.saturating_add(space.capacity_gb);
        used_kb = used_kb.saturating_add(space.used_kb);
    }
    json!({"totalAllocation": count, "totalCapacity": capacity_gb, "totalUsed": used_kb})
}

/// Returns `limit` entries from `offset` on, with the number of all entries.
fn page(rows: Vec<Json>, input: &Input<'_>) -> Reply {
    let total = rows.len();
    let size = |name: &str| input.number(name).and_then(|number| usize::try_from(number).ok());
    let (offset, limit) = (size("offset").unwrap_or(0), size("limit").unwrap_or(usize::MAX));
    let rows: Vec<Json> = rows.into_iter().skip(offset).take(limit).collect();
    Reply::default().with("data", rows).with("total", total)
}
