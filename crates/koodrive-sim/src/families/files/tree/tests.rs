//! Random changes of two spaces, compared after each with a model that has no index and no shortcut.

use std::collections::{BTreeMap, BTreeSet};

use koodrive_proto::ops::spaces::SpaceType;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

const CAPACITY: u64 = 1 << 30;
const DEEP: &str = "deep";
const NAMES: [&str; 4] = ["a", "b.txt", "c.tar.gz", ".d"];

#[derive(Debug, Clone, PartialEq)]
struct Node {
    space: String,
    parent: String,
    name: String,
    is_folder: bool,
    size: u64,
    recycled: bool,
}

struct World {
    store: Store,
    spaces: Vec<String>,
    nodes: BTreeMap<String, Node>,
    now: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    File,
    Folder,
    Copy,
    Move,
    Recycle,
    Restore,
    Delete,
    Rename,
}

/// What makes trees, and moves them, comes more often.
const ACTS: [Act; 12] = [
    Act::File,
    Act::Folder,
    Act::Folder,
    Act::Copy,
    Act::Move,
    Act::Move,
    Act::Recycle,
    Act::Recycle,
    Act::Restore,
    Act::Restore,
    Act::Delete,
    Act::Rename,
];

#[derive(Debug, Clone)]
struct Step {
    act: Act,
    /// What is changed.
    what: Index,
    /// Where it goes.
    space: Index,
    folder: Index,
    name: &'static str,
    size: u64,
    clash: Clash,
}

fn step() -> impl Strategy<Value = Step> {
    let clash = prop_oneof![Just(Clash::Rename), Just(Clash::Refuse)];
    let name = prop::sample::select(&NAMES[..]);
    let act = prop::sample::select(&ACTS[..]);
    (act, any::<Index>(), any::<Index>(), any::<Index>(), name, 0..CAPACITY / 4, clash)
        .prop_map(|(act, what, space, folder, name, size, clash)| Step { act, what, space, folder, name, size, clash })
}

type Outcome = Result<(), &'static str>;

impl World {
    /// Two spaces, and in the first one a folder in a folder, and folders down to the level above the limit. The steps
    /// change only the lowest of these, so that the limit is met often.
    fn new() -> Self {
        let mut store = Store::default();
        let now = DateTime::from_timestamp(1_763_622_000, 0).unwrap();
        let spaces = ["7", "8"].map(|owner| spaces::add(&mut store, owner, SpaceType::Individual, 1, now));
        let mut world = Self { store, spaces: spaces.to_vec(), nodes: BTreeMap::new(), now };
        let outer = world.add_folder("root", "outer");
        world.add_folder(&outer, "inner");
        let deep = (2..LEVELS).fold("root".to_owned(), |parent, _| world.add_folder(&parent, DEEP));
        world.add_folder(&deep, "lowest");
        world
    }

    fn add_folder(&mut self, parent: &str, name: &str) -> String {
        let (space, parent, name) = (self.spaces[0].clone(), parent.to_owned(), name.to_owned());
        let id = add(&mut self.store, File::folder(&space, &parent, &name, "7", self.now)).unwrap();
        self.nodes.insert(id.clone(), Node { space, parent, name, is_folder: true, size: 0, recycled: false });
        id
    }

    /// Does a step on the store, as its callers do, and returns the name of what came or went.
    fn act(&mut self, step: &Step, id: &str, space: &str, folder: &str) -> Result<String, Refusal> {
        let (store, now) = (&mut self.store, self.now);
        let target = |store: &Store| super::folder(store, space, folder);
        match step.act {
            Act::File | Act::Folder => {
                let folder = target(store)?;
                let name = free_name(store, space, &folder, step.name, step.clash, None, now)?;
                let mut file = File::new(space, &folder, &name, "7", now);
                file.size = step.size;
                let file = if step.act == Act::File { file } else { File::folder(space, &folder, &name, "7", now) };
                return add(store, file);
            }
            Act::Copy => {
                let folder = target(store)?;
                return copy(store, id, space, &folder, "7", now);
            }
            Act::Move => {
                let folder = target(store)?;
                move_to(store, id, space, &folder, now)?;
            }
            Act::Recycle => recycle(store, id, now)?,
            Act::Restore => restore(store, id, now)?,
            Act::Delete => delete(store, id)?,
            Act::Rename => rename(store, id, step.name, step.clash, "7", now)?,
        }
        Ok(id.to_owned())
    }

    /// Predicts what a step does to the model, and does it. `new` is the id that the store chose.
    fn predict(&mut self, step: &Step, id: &str, space: &str, folder: &str, new: Option<&str>) -> Outcome {
        let target = self.target(space, folder);
        match step.act {
            Act::File | Act::Folder => {
                let parent = target?;
                self.free(space, &parent, step.name, step.clash, None)?;
                let is_folder = step.act == Act::Folder;
                let size = if is_folder { 0 } else { step.size };
                self.fits(&parent, usize::from(is_folder))?;
                self.has_room(space, size)?;
                let name = self.name(step.name, space, &parent, new, None);
                let node = Node { space: space.to_owned(), parent, name, is_folder, size, recycled: false };
                self.nodes.insert(new.unwrap().to_owned(), node);
            }
            Act::Copy => {
                let parent = target?;
                let wanted = self.nodes[id].name.clone();
                self.may_go(id, &parent)?;
                self.has_room(space, self.below(id).iter().map(|id| self.nodes[id].size).sum())?;
                let name = self.name(&wanted, space, &parent, new, None);
                self.copy(id, new.unwrap(), space, &parent, name);
            }
            Act::Move => {
                let parent = target?;
                let Node { space: from, parent: old, name: wanted, .. } = self.nodes[id].clone();
                if (&*from, &old) == (space, &parent) {
                    return Err("13000312");
                }
                self.may_go(id, &parent)?;
                if from != space {
                    self.has_room(space, self.below(id).iter().map(|id| self.nodes[id].size).sum())?;
                }
                let name = self.name(&wanted, space, &parent, new, None);
                for id in self.below(id) {
                    space.clone_into(&mut self.nodes.get_mut(&id).unwrap().space);
                }
                let node = self.nodes.get_mut(id).unwrap();
                (node.parent, node.name) = (parent, name);
            }
            Act::Recycle => {
                self.is_live(id)?;
                self.nodes.get_mut(id).unwrap().recycled = true;
            }
            Act::Restore => {
                let node = self.nodes[id].clone();
                if !node.recycled {
                    return Err("13000303");
                }
                let parent = self.target(&node.space, &node.parent).unwrap_or_else(|_| "root".to_owned());
                self.fits(&parent, self.levels(id))?;
                let name = self.name(&node.name, &node.space, &parent, new, Some(id));
                self.nodes.insert(id.to_owned(), Node { parent, name, recycled: false, ..node });
            }
            Act::Delete => {
                for id in self.below(id) {
                    self.nodes.remove(&id);
                }
            }
            Act::Rename => {
                self.is_live(id)?;
                let Node { space, parent, .. } = self.nodes[id].clone();
                self.free(&space, &parent, step.name, step.clash, Some(id))?;
                let name = self.name(step.name, &space, &parent, new, Some(id));
                self.nodes.get_mut(id).unwrap().name = name;
            }
        }
        Ok(())
    }

    fn target(&self, space: &str, folder: &str) -> Result<String, &'static str> {
        match self.nodes.get(folder) {
            Some(node) if node.space != space => return Err("13000302"),
            Some(node) if !node.is_folder => return Err("13000304"),
            Some(_) if self.is_live(folder).is_err() => return Err("13000305"),
            None if folder != "root" && folder != "sbox" => return Err("13000309"),
            _ => {}
        }
        Ok(folder.to_owned())
    }

    fn may_go(&self, id: &str, parent: &str) -> Outcome {
        self.is_live(id)?;
        if self.above(parent).iter().any(|above| above == id) {
            return Err("13000307");
        }
        self.fits(parent, self.levels(id))
    }

    /// The ids from a file upwards, its own included, as far as the folders are there.
    fn above(&self, id: &str) -> Vec<String> {
        match self.nodes.get(id) {
            None => Vec::new(),
            Some(node) => {
                let above = self.nodes.get(&node.parent).filter(|parent| parent.space == node.space);
                let above = above.map(|_| self.above(&node.parent)).unwrap_or_default();
                [id.to_owned()].into_iter().chain(above).collect()
            }
        }
    }

    fn below(&self, id: &str) -> Vec<String> {
        let inside = self.nodes.iter().filter(|(_, node)| node.parent == id && !node.recycled);
        let inside = inside.flat_map(|(id, _)| self.below(id));
        [id.to_owned()].into_iter().chain(inside).collect()
    }

    fn levels(&self, id: &str) -> usize {
        let inside = self.nodes.iter().filter(|(_, node)| node.parent == id && !node.recycled);
        usize::from(self.nodes[id].is_folder) + inside.map(|(id, _)| self.levels(id)).max().unwrap_or(0)
    }

    fn is_live(&self, id: &str) -> Outcome {
        if self.above(id).iter().any(|id| self.nodes[id].recycled) { Err("13000306") } else { Ok(()) }
    }

    fn fits(&self, parent: &str, levels: usize) -> Outcome {
        if self.above(parent).len() + levels > 30 { Err("13000310") } else { Ok(()) }
    }

    fn used(&self, space: &str) -> u64 {
        self.nodes.values().filter(|node| node.space == space).map(|node| node.size).sum()
    }

    fn has_room(&self, space: &str, size: u64) -> Outcome {
        if self.used(space) + size > CAPACITY { Err("13000311") } else { Ok(()) }
    }

    fn is_taken(&self, space: &str, parent: &str, name: &str, own: Option<&str>) -> bool {
        self.nodes.iter().any(|(id, node)| {
            (&*node.space, &*node.parent, &*node.name) == (space, parent, name) && !node.recycled && Some(&**id) != own
        })
    }

    fn free(&self, space: &str, parent: &str, name: &str, clash: Clash, own: Option<&str>) -> Outcome {
        let refused = clash == Clash::Refuse && self.is_taken(space, parent, name, own);
        if refused { Err("13000405") } else { Ok(()) }
    }

    /// The name that something gets: the wanted one if it is free, or else what the store made of it.
    fn name(&self, wanted: &str, space: &str, parent: &str, new: Option<&str>, own: Option<&str>) -> String {
        if !self.is_taken(space, parent, wanted, own) {
            return wanted.to_owned();
        }
        let name = self.store.files.get(new.unwrap()).unwrap().name.clone();
        let (stem, suffix) = wanted.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((wanted, ""));
        assert!(name.starts_with(&format!("{stem}_20251120_150000")) && name.ends_with(suffix), "{wanted}: {name}");
        assert!(!self.is_taken(space, parent, &name, own), "{name} is taken");
        name
    }

    fn copy(&mut self, id: &str, new: &str, space: &str, parent: &str, name: String) {
        let inside: Vec<(String, Node)> =
            self.nodes.clone().into_iter().filter(|(_, node)| node.parent == id).collect();
        let node = Node { space: space.to_owned(), parent: parent.to_owned(), name, ..self.nodes[id].clone() };
        self.nodes.insert(new.to_owned(), node);
        for (child, node) in inside.into_iter().filter(|(_, node)| !node.recycled) {
            let copy = named(&self.store, space, new, &node.name).unwrap().0.to_owned();
            self.copy(&child, &copy, space, new, node.name);
        }
    }

    fn check(&self) {
        let node = |file: &File| Node {
            space: file.space_id.clone(),
            parent: file.parent.clone(),
            name: file.name.clone(),
            is_folder: file.is_folder(),
            size: file.size,
            recycled: file.recycled.is_some(),
        };
        let files = self.store.files.iter().map(|(id, file)| (id.to_owned(), node(file)));
        assert_eq!(files.collect::<BTreeMap<_, _>>(), self.nodes);
        let (mut names, mut reached) = (BTreeSet::new(), BTreeSet::new());
        for (id, node) in self.nodes.iter().filter(|(_, node)| !node.recycled) {
            assert!(names.insert((&node.space, &node.parent, &node.name)), "{} is there twice", node.name);
            assert_eq!(named(&self.store, &node.space, &node.parent, &node.name).unwrap().0, id);
        }
        for space in &self.spaces {
            assert_eq!(self.store.spaces.get(space).unwrap().used, self.used(space));
            for folder in [BIN, "root", "sbox"] {
                for (top, _) in children(&self.store, space, folder) {
                    reached.extend(walk(&self.store, top));
                }
            }
        }
        assert_eq!(reached, self.nodes.keys().cloned().collect());
        for (id, node) in self.nodes.iter().filter(|(_, node)| node.name != DEEP) {
            let above = self.above(id);
            let names = above.iter().map(|id| self.nodes[id].name.clone()).rev();
            assert_eq!(name_path(&self.store, id).into_iter().skip(1).collect::<Vec<_>>(), names.collect::<Vec<_>>());
            let depth = above.len() - usize::from(!node.is_folder);
            assert!(depth <= 30 || self.is_live(id).is_err(), "{} is too deep", node.name);
            assert_eq!(size(&self.store, id), self.below(id).iter().map(|id| self.nodes[id].size).sum::<u64>());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn trees_are_as_in_the_model(steps in prop::collection::vec(step(), 1..100)) {
        let mut world = World::new();
        for step in steps {
            let ids = world.nodes.iter().filter(|(_, node)| node.name != DEEP).map(|(id, _)| id.clone());
            let ids: Vec<String> = ids.collect();
            let folders: Vec<&str> = ids.iter().map(|id| &**id).chain(["root", "sbox", "none"]).collect();
            let space = step.space.get(&world.spaces).clone();
            let folder = (*step.folder.get(&folders)).to_owned();
            // There is nothing left to change if everything was deleted.
            let Some(id) = (!ids.is_empty()).then(|| step.what.get(&ids).clone()) else { break };
            let done = world.act(&step, &id, &space, &folder);
            let expected = world.predict(&step, &id, &space, &folder, done.as_deref().ok());
            prop_assert_eq!(done.map(drop).map_err(|refusal| refusal.code), expected, "{:?}", step);
            world.check();
            world.store.commit();
        }
        for space in world.spaces.clone() {
            clear(&mut world.store, &space);
        }
        prop_assert_eq!(world.store.files.len(), 0);
    }
}

#[test]
fn nothing_is_restored_below_the_limit() {
    let World { mut store, spaces, nodes, now } = World::new();
    let id = |name: &str| nodes.iter().find(|(_, node)| node.name == name).unwrap().0.as_str();
    recycle(&mut store, id("inner"), now).unwrap();
    move_to(&mut store, id("outer"), &spaces[0], id("lowest"), now).unwrap();
    assert_eq!(restore(&mut store, id("inner"), now).unwrap_err().code, "13000310");
    move_to(&mut store, id("outer"), &spaces[0], "root", now).unwrap();
    restore(&mut store, id("inner"), now).unwrap();
    assert_eq!(name_path(&store, id("inner"))[1..], ["outer", "inner"]);
}
