//! What the service does with permissions: the templates, what new members of a department or group may do, and what
//! single users may do in a space or on a file.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::SpaceType;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::call::{self, Answer, Call};
use crate::families::files::tree;
use crate::families::spaces::{self, CREATED, Space};
use crate::families::{TENANT, departments, groups, shared_folders, users};
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// The template without a name: the permissions stand beside it.
pub(crate) const ANONYMOUS: &str = "-1";

const PRESET: u64 = 0;
const ENABLED: u64 = 1;

/// All permissions, with what they allow in words.
const CAPABILITIES: [(&str, &str); 11] = [
    ("addChildNodePermission", "create"),
    ("copyPermission", "copy"),
    ("deletePermission", "delete"),
    ("downloadPermission", "download"),
    ("editPermission", "edit"),
    ("listChildNodePermission", "list"),
    ("removeChildNodePermission", "move"),
    ("renameFilePermission", "rename"),
    ("shareFilePermission", "share"),
    ("uploadPermission", "upload"),
    ("viewPermission", "preview"),
];

/// The templates that exist from the beginning, with what they allow.
const PRESETS: [(&str, &str, &[&str]); 3] = [
    (
        EVERYTHING,
        "Manage",
        &["create", "copy", "delete", "download", "edit", "list", "move", "rename", "share", "upload", "preview"],
    ),
    ("1590626552448551682", "Upload", &["create", "list", "upload", "preview"]),
    ("1590626552448551683", "View", &["list", "preview"]),
];

/// The template of those for whom nothing is set.
const EVERYTHING: &str = "1590626552448551681";

/// A permission template, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Template {
    pub(crate) name: String,
    pub(crate) description: String,
    /// 0 is a preset template, 1 a custom one.
    pub(crate) kind: u64,
    /// 0 is disabled, 1 enabled.
    pub(crate) status: u64,
    pub(crate) company: String,
    pub(crate) capabilities: Json,
    pub(crate) created: DateTime<Utc>,
    pub(crate) updated: DateTime<Utc>,
}

impl Row for Template {}

/// What somebody may do: what a template says or, with the anonymous one, the permissions beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Permit {
    pub(crate) template: String,
    pub(crate) capabilities: Option<Json>,
}

/// What a user may do in a department's space or on a file, under [`grant_id`]. The members of a group have their
/// permissions with them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The space or the file.
    pub(crate) place: String,
    user_id: String,
    pub(crate) permit: Permit,
}

impl Row for Grant {
    /// Grants are listed under their space or file.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.place)
    }

    /// Grants are found by the user.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(&self.user_id)]
    }
}

/// What new members may do, under the id of the department or group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Initial {
    pub(crate) permit: Permit,
    /// Who set it.
    pub(crate) user_id: String,
}

impl Row for Initial {}

/// Puts the preset templates.
pub(crate) fn prepare(store: &mut Store) {
    let created = times::read(CREATED).unwrap_or_default();
    for (id, name, words) in PRESETS {
        let allowed = CAPABILITIES.iter().map(|(name, word)| ((*name).to_owned(), words.contains(word).into()));
        let template = Template {
            name: name.to_owned(),
            description: words.join(", "),
            kind: PRESET,
            status: ENABLED,
            company: TENANT.to_owned(),
            capabilities: Json::Object(allowed.collect()),
            created,
            updated: created,
        };
        store.templates.insert(id, template);
    }
}

/// Refuses what a user may not do in a whole space, by the name of the permission, such as `uploadPermission`. Owners
/// may do everything, and so may those for whom nothing is set.
pub(crate) fn check(store: &Store, user_id: &str, space_id: &str, capability: &str) -> Result<(), Refusal> {
    spaces::usable(store, space_id, user_id)?;
    demand(store, &in_space(store, space_id, user_id), capability)
}

/// Refuses what a user may not do with a file or folder of a space. The permissions on the file win, then those on the
/// folders above it. Who may use only a folder that is shared in the space may do everything there, and nothing else.
pub(crate) fn check_file(
    store: &Store,
    user_id: &str,
    space_id: &str,
    file_id: &str,
    capability: &str,
) -> Result<(), Refusal> {
    shared_folders::check(store, user_id, space_id, file_id, capability)?;
    demand(store, &on_file(store, space_id, file_id, user_id), capability)
}

/// Refuses what a user may not do with a file or with anything below it.
pub(crate) fn check_all(
    store: &Store,
    user_id: &str,
    space_id: &str,
    file_id: &str,
    capability: &str,
) -> Result<(), Refusal> {
    let mut left = usize::MAX;
    check_some(store, user_id, space_id, file_id, capability, &mut left)
}

/// Like [`check_all`], but looks at no more files than are left to look at, and refuses what has more.
pub(crate) fn check_some(
    store: &Store,
    user_id: &str,
    space_id: &str,
    file_id: &str,
    capability: &str,
    left: &mut usize,
) -> Result<(), Refusal> {
    let all = if differ(store, space_id, user_id) { usize::MAX } else { 1 };
    tree::steps(store, file_id).take(all).try_for_each(|id| {
        *left = left.checked_sub(1).ok_or_else(|| Refusal::new("13000410", "there is too much in the folder"))?;
        check_file(store, user_id, space_id, id, capability)
    })
}

/// Whether a user sees something in a folder or recycle bin that they may list, or below. What they may not list itself
/// is neither listed nor found nor counted.
pub(crate) fn sees(store: &Store, user_id: &str, space_id: &str, file_id: &str) -> bool {
    !differ(store, space_id, user_id) || may_list(store, user_id, space_id, file_id)
}

/// Whether a user may know of a file.
pub(crate) fn may_list(store: &Store, user_id: &str, space_id: &str, file_id: &str) -> bool {
    check_file(store, user_id, space_id, file_id, "listChildNodePermission").is_ok()
}

/// Whether what a user may do in a space may differ from file to file.
fn differ(store: &Store, space_id: &str, user_id: &str) -> bool {
    store.grants.len() > 0 && store.spaces.get(space_id).is_some_and(|space| !is_owner(store, space, user_id))
}

/// Reads the permissions that a call gives.
pub(crate) fn read(store: &Store, template: &str, capabilities: Option<&Json>) -> Result<Permit, Refusal> {
    if template == ANONYMOUS {
        let capabilities = capabilities.ok_or_else(|| Refusal::new("13000102", "template -1 needs capabilities"))?;
        return Ok(Permit { template: template.to_owned(), capabilities: Some(read_capabilities(capabilities)) });
    }
    let found = store.templates.get(template).ok_or_else(|| Refusal::new("13000309", "there is no such template"))?;
    if found.status != ENABLED {
        return Err(Refusal::new("13000102", "the template is disabled"));
    }
    Ok(Permit { template: template.to_owned(), capabilities: None })
}

/// Lets new members of a department or group do only what is permitted.
pub(crate) fn begin_with(store: &mut Store, owner_id: &str, permit: Permit, user_id: &str) {
    store.initial_permissions.insert(owner_id, Initial { permit, user_id: user_id.to_owned() });
}

/// Forgets who may do what in a space or on a file that is deleted.
pub(crate) fn forget(store: &mut Store, place: &str) {
    store.grants.remove_under(place);
}

/// Forgets what a user who is gone may do.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    store.grants.remove_keyed(user_id);
}

/// Whether a user may do everything in a space, whatever is set.
fn is_owner(store: &Store, space: &Space, user_id: &str) -> bool {
    match SpaceType::from(space.kind) {
        SpaceType::Individual => true,
        SpaceType::Group => store.groups.get(&space.owner_id).is_some_and(|group| group.owner_id == user_id),
        _ => false,
    }
}

fn grant_id(place: &str, user_id: &str) -> String {
    format!("{place}/{user_id}")
}

/// Returns what a user may do in a space: what was set for them, or what new members may do.
fn in_space(store: &Store, space_id: &str, user_id: &str) -> Permit {
    let space = store.spaces.get(space_id).filter(|space| !is_owner(store, space, user_id));
    let Some(space) = space else { return everything() };
    let member = store.group_members.get(&groups::member_id(&space.owner_id, user_id));
    let member = member.filter(|member| !member.template.is_empty());
    match (member, store.grants.get(&grant_id(space_id, user_id))) {
        (Some(member), _) => Permit { template: member.template.clone(), capabilities: member.capabilities.clone() },
        (None, Some(grant)) => grant.permit.clone(),
        (None, None) => initial(store, &space.owner_id),
    }
}

/// Returns what a user may do on a file: what was set for it or for a folder above, or for the space.
fn on_file(store: &Store, space_id: &str, file_id: &str, user_id: &str) -> Permit {
    if !differ(store, space_id, user_id) {
        return in_space(store, space_id, user_id);
    }
    let mut above = tree::id_path(store, file_id).into_iter().rev();
    let grant = above.find_map(|id| store.grants.get(&grant_id(&id, user_id)));
    grant.map_or_else(|| in_space(store, space_id, user_id), |grant| grant.permit.clone())
}

fn everything() -> Permit {
    Permit { template: EVERYTHING.to_owned(), capabilities: None }
}

fn initial(store: &Store, owner_id: &str) -> Permit {
    store.initial_permissions.get(owner_id).map_or_else(everything, |initial| initial.permit.clone())
}

fn demand(store: &Store, permit: &Permit, capability: &str) -> Result<(), Refusal> {
    match capabilities(store, permit).get(capability) {
        Some(Json::Bool(false)) => Err(Refusal::new("13000410", format!("{capability} is needed"))),
        _ => Ok(()),
    }
}

/// Returns the permissions as answers show them.
fn capabilities(store: &Store, permit: &Permit) -> Json {
    let templates = || store.templates.get(&permit.template).map(|template| template.capabilities.clone());
    permit.capabilities.clone().or_else(templates).unwrap_or_default()
}

/// Reads the permissions of a request, without what isn't one.
fn read_capabilities(sent: &Json) -> Json {
    let is_allowed = |name: &str| match &sent[name] {
        Json::Bool(flag) => *flag,
        other => other == "true",
    };
    CAPABILITIES.iter().map(|(name, _)| ((*name).to_owned(), is_allowed(name).into())).collect::<Map<_, _>>().into()
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreatePermissionTemplate" => {
            let template = new_template(call);
            let id = call.store.next_id();
            call.store.templates.insert(id, template);
            Ok(Reply::default())
        }
        "EditPermissionTemplate" => edit(call),
        "ModifyPermissionTemplateStatus" => set_status(call),
        "DeletePermissionTemplates" => delete(call),
        "GetPermissionTemplates" => {
            let ids = call.texts("ids").unwrap_or_default();
            let templates: Result<Vec<Json>, Refusal> =
                ids.iter().map(|id| Ok(info(id, find(call.store, id)?))).collect();
            Ok(Reply::data(templates?))
        }
        "ListPermissionTemplates" => list(call),
        "GetPermissionTemplateUse" => {
            let id = call.required("id");
            find(call.store, &id)?;
            Ok(Reply::default().with("templateRef", is_used(call.store, &id)))
        }
        "SetInitialMemberPermission" => {
            let owner_id = call.required("spaceId");
            team(call.store, &owner_id)?;
            let permit = read(call.store, &call.required("templateId"), call.json("capabilities").as_deref())?;
            begin_with(call.store, &owner_id, permit, call.user_id);
            Ok(Reply::default())
        }
        "GetInitialMemberPermission" => initial_info(call),
        "ListUserPermissions" => list_users(call),
        "UpdatePermissions" => update(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

fn new_template(call: &Call<'_>) -> Template {
    Template {
        name: call.required("name"),
        description: call.required("description"),
        kind: call.number("type").unwrap_or(PRESET),
        status: ENABLED,
        company: call.required("company"),
        capabilities: read_capabilities(&call.json("capabilities").unwrap_or_default()),
        created: call.now,
        updated: call.now,
    }
}

/// Changes what is sent, and leaves the rest as it is.
fn edit(call: &mut Call<'_>) -> Answer {
    let (id, name, description) = (call.required("id"), call.required("name"), call.text("description"));
    let capabilities = call.json("capabilities").map(|sent| read_capabilities(&sent));
    let now = call.now;
    if find(call.store, &id)?.kind == PRESET {
        return Err(Refusal::new("13000102", "a preset template can't be changed"));
    }
    call.store.templates.update(&id, |template| {
        template.name = name;
        template.description = description.unwrap_or_else(|| template.description.clone());
        template.capabilities = capabilities.unwrap_or_else(|| template.capabilities.clone());
        template.updated = now;
    });
    Ok(Reply::default())
}

fn set_status(call: &mut Call<'_>) -> Answer {
    let (id, status, now) = (call.required("id"), call.number("status").unwrap_or(ENABLED), call.now);
    find(call.store, &id)?;
    call.store.templates.update(&id, |template| {
        template.status = status;
        template.updated = now;
    });
    Ok(Reply::default())
}

/// Deletes templates. What is gone already is no mistake, but what is preset or in use is.
fn delete(call: &mut Call<'_>) -> Answer {
    for id in call.texts("ids").unwrap_or_default() {
        let is_preset = call.store.templates.get(&id).is_some_and(|template| template.kind == PRESET);
        if is_preset || is_used(call.store, &id) {
            return Err(Refusal::new("13000102", format!("the template {id} is preset or in use")));
        }
        call.store.templates.remove(&id);
    }
    Ok(Reply::default())
}

fn list(call: &Call<'_>) -> Answer {
    let (id, kind, status) = (call.text("id"), call.number("templateType"), call.number("status"));
    let fits = |(row_id, row): &(&str, &Template)| {
        id.as_deref().is_none_or(|id| id == *row_id)
            && kind.is_none_or(|kind| kind == row.kind)
            && status.is_none_or(|status| status == row.status)
    };
    let mut rows: Vec<(&str, &Template)> = call.store.templates.iter().filter(fits).collect();
    rows.sort_by_key(|(_, row)| row.created);
    if call.number("orderByTime") == Some(0) {
        rows.reverse();
    }
    if let Some(before) = call.flag("preBefore") {
        rows.sort_by_key(|(_, row)| (row.kind == PRESET) != before);
    }
    let rows = rows.into_iter().map(|(id, row)| info(id, row)).collect();
    let rows = page::by_offset(call, rows, "offset", "limit")?;
    Ok(Reply::data(rows).with("total", call.store.templates.len()))
}

fn find<'a>(store: &'a Store, id: &str) -> Result<&'a Template, Refusal> {
    store.templates.get(id).ok_or_else(|| Refusal::new("13000309", "there is no such template"))
}

/// Whether anybody has the permissions of a template.
fn is_used(store: &Store, id: &str) -> bool {
    store.grants.values().any(|grant| grant.permit.template == id)
        || store.initial_permissions.values().any(|initial| initial.permit.template == id)
        || store.group_members.values().any(|member| member.template == id)
}

fn info(id: &str, template: &Template) -> Json {
    json!({
        "id": id,
        "name": template.name,
        "description": template.description,
        "templateType": template.kind,
        "status": template.status,
        "company": template.company,
        "createTime": times::millis(template.created),
        "updateTime": times::millis(template.updated),
        "capabilities": template.capabilities,
    })
}

/// Finds the space of a department or group, which must exist itself.
fn team<'a>(store: &'a Store, owner_id: &str) -> Result<Option<(&'a str, &'a Space)>, Refusal> {
    let space = store.spaces.under(owner_id).find(|(_, space)| space.kind != SpaceType::Individual.number());
    if space.is_some() || store.departments.contains(owner_id) || store.groups.contains(owner_id) {
        Ok(space)
    } else {
        Err(Refusal::new("13000309", "there is no such department or group"))
    }
}

fn initial_info(call: &Call<'_>) -> Answer {
    let owner_id = call.required("spaceId");
    let space = team(call.store, &owner_id)?;
    let permit = initial(call.store, &owner_id);
    let mut info = json!({
        "spaceId": owner_id.parse::<u64>().ok(),
        "spaceType": i64::from(call.store.groups.contains(&owner_id)),
        "templateId": permit.template,
        "templateName": template_name(call.store, &permit),
        "capabilities": capabilities(call.store, &permit),
    });
    if let Some((id, _)) = space {
        info["containerId"] = id.into();
    }
    if let Some(initial) = call.store.initial_permissions.get(&owner_id) {
        info["userId"] = initial.user_id.parse::<u64>().ok().into();
    }
    Ok(Reply::data(info))
}

fn template_name(store: &Store, permit: &Permit) -> String {
    store.templates.get(&permit.template).map(|template| template.name.clone()).unwrap_or_default()
}

/// Finds the space that a call means with its type and, if it names one, with its department or group.
fn team_space<'a>(call: &'a Call<'_>, id: &str, kind: &str, owner: Option<&str>) -> Result<&'a Space, Refusal> {
    let space = call.store.spaces.get(id).ok_or_else(|| Refusal::new("13000301", ""))?;
    let kind = if call.number(kind) == Some(0) { SpaceType::Department } else { SpaceType::Group };
    let fits = space.kind == kind.number() && owner.is_none_or(|owner| owner == space.owner_id);
    if fits { Ok(space) } else { Err(Refusal::new("13000415", "")) }
}

/// Refuses a file that isn't in the space.
fn check_place(store: &Store, space_id: &str, file_id: &str) -> Result<(), Refusal> {
    let file = tree::find(store, file_id)?;
    if file.space_id == space_id { Ok(()) } else { Err(Refusal::new("13000411", "")) }
}

fn list_users(call: &Call<'_>) -> Answer {
    let id = call.required("containerId");
    let owner = if call.number("spaceType") == Some(0) { call.text("deptId") } else { call.text("groupId") };
    let owner = owner.ok_or_else(|| Refusal::new("13000102", "deptId or groupId is needed"))?;
    let space = team_space(call, &id, "spaceType", Some(&owner))?;
    let file = call.text("fileId");
    if let Some(file) = &file {
        check_place(call.store, &id, file)?;
    }
    let (template, name) = (call.text("templateId"), call.text("userName"));
    let mut rows = Vec::new();
    for user_id in spaces::users_of(call.store, space) {
        let permit = match &file {
            Some(file) => on_file(call.store, &id, file, &user_id),
            None => in_space(call.store, &id, &user_id),
        };
        let row = user_info(call.store, &owner, &user_id, &permit);
        if template.as_ref().is_none_or(|template| *template == permit.template)
            && name.as_ref().is_none_or(|name| row["userName"] == **name)
        {
            rows.push(Entry { key: String::new(), id: user_id, row });
        }
    }
    let (rows, next) = page::by_cursor(call, rows, Sort::new("", false), "cursor", "count")?;
    Ok(Reply::members(page::cursor_members("userPermissonList", rows, next)))
}

fn user_info(store: &Store, owner_id: &str, user_id: &str, permit: &Permit) -> Json {
    let capabilities = capabilities(store, permit);
    let mut info = json!({
        "userId": user_id,
        "userName": users::name(store, user_id),
        "templateId": permit.template,
        "templateName": template_name(store, permit),
        "capabilities": [capabilities],
    });
    if permit.template == ANONYMOUS {
        let words = CAPABILITIES.iter().filter(|(name, _)| capabilities[*name] == true).map(|(_, word)| *word);
        info["description"] = words.collect::<Vec<_>>().join(", ").into();
    }
    if let Some(user) = store.users.get(user_id) {
        info["mobile"] = users::masked(&user.mobile).into();
        info["deptId"] = user.department_id.clone().into();
        info["deptName"] = departments::name(store, &user.department_id).into();
        info["deptRole"] = user.role.into();
    }
    if let Some(group) = store.groups.get(owner_id) {
        info["groupName"] = group.name.clone().into();
        info["groupRole"] = groups::role(store, owner_id, user_id).into();
    }
    info
}

/// Sets what users of a space may do there, or on one of its files.
fn update(call: &mut Call<'_>) -> Answer {
    let (id, now) = (call.required("container"), call.now);
    let owner_id = team_space(call, &id, "type", None)?.owner_id.clone();
    let file = call.text("fileId");
    if let Some(file) = &file {
        check_place(call.store, &id, file)?;
    }
    for role in call.objects("amendModRoles") {
        let text = |name: &str| role.get(name).and_then(call::text).unwrap_or_default();
        let (user_id, template) = (text("userId"), text("template"));
        if spaces::usable(call.store, &id, &user_id).is_err() {
            return Err(Refusal::new("13000309", format!("{user_id} is no user of the space")));
        }
        let permit = read(call.store, &template, role.get("capabilities").filter(|sent| sent.is_object()))?;
        let place = file.as_ref().unwrap_or(&id);
        let member_id = groups::member_id(&owner_id, &user_id);
        if file.is_none() && call.store.group_members.contains(&member_id) {
            call.store.group_members.update(&member_id, |member| {
                member.template = permit.template;
                member.capabilities = permit.capabilities;
                member.updated = now;
            });
        } else {
            let grant = Grant { place: place.clone(), user_id: user_id.clone(), permit };
            call.store.grants.insert(grant_id(place, &user_id), grant);
        }
    }
    Ok(Reply::default())
}
