use crate::schema::{Field, Value};

/// The parameters of an operation or of an object inside its body, visited in the order of their table.
pub trait Params {
    /// Returns the table of these parameters.
    fn fields(&self) -> &'static [Field];

    /// Calls `visit` for each parameter that is set.
    fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, Value<'a>));
}
