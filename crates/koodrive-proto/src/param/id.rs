//! Ids: texts that are never interpreted, with a type for each kind of thing that they name.
//!
//! The types here are those that at least three families of operations use, and about which the manuals leave no doubt.
//! Where it isn't clear whose id something is (`ownerId` may be a department's, a user's or a group's), it is a
//! `String`.

/// Declares a newtype for an id, so that it can't be taken for the id of something else.
///
/// ```
/// koodrive_proto::id! {
///     /// The id of an album.
///     pub struct AlbumId;
/// }
/// # fn main() {
/// let album = AlbumId::from("2c9d0d3e");
/// assert_eq!(album, "2c9d0d3e");
/// assert_eq!(serde_json::to_string(&album).unwrap(), r#""2c9d0d3e""#);
/// # }
/// ```
///
/// A setter takes the id, a text, or a reference to either; in JSON the id is a plain text. An id may be any text: what
/// a path or a header can't carry is refused when it is used there.
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $vis:vis struct $name:ident;) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(::std::string::String);

        impl $name {
            /// Returns the id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        $crate::__equals!($name: str, &str, ::std::string::String);

        /// Becomes a list of one.
        impl $crate::param::IntoParam<::std::vec::Vec<Self>> for $name {
            fn into_param(self) -> ::std::vec::Vec<Self> {
                ::std::vec::Vec::from([self])
            }
        }

        /// Becomes a list of one.
        impl $crate::param::IntoParam<::std::vec::Vec<$name>> for &$name {
            fn into_param(self) -> ::std::vec::Vec<$name> {
                ::std::vec::Vec::from([::core::clone::Clone::clone(self)])
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self(text)
            }
        }

        impl ::core::convert::From<$name> for ::std::string::String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        $crate::__text_type!($name: $crate::schema::Kind::Text);
    };
}

/// An id compares with texts of all kinds, on either side.
#[doc(hidden)]
#[macro_export]
macro_rules! __equals {
    ($name:ident: $($text:ty),+) => {$(
        impl ::core::cmp::PartialEq<$text> for $name {
            fn eq(&self, other: &$text) -> bool {
                self.as_str() == <$text as ::core::convert::AsRef<str>>::as_ref(other)
            }
        }

        impl ::core::cmp::PartialEq<$name> for $text {
            fn eq(&self, other: &$name) -> bool {
                other == self
            }
        }
    )+};
}

id! {
    /// The id of a space, which the manuals call `containerId`.
    ///
    /// ```
    /// use koodrive_proto::SpaceId;
    /// use koodrive_proto::ops::spaces::{DeleteSpace, SpaceType};
    ///
    /// let space = SpaceId::from("IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236");
    /// DeleteSpace::new("1289173650183882753", SpaceType::Individual).container_id(&space);
    /// DeleteSpace::new("1289173650183882753", SpaceType::Individual).container_id("1309243162258308352");
    /// ```
    ///
    /// ```compile_fail,E0277
    /// # use koodrive_proto::FileId;
    /// # use koodrive_proto::ops::spaces::{DeleteSpace, SpaceType};
    /// let file = FileId::from("FuZmQ66CF0DdpKRG1Y29Iwajbq04Nhwu3");
    /// DeleteSpace::new("1289173650183882753", SpaceType::Individual).container_id(file);
    /// ```
    pub struct SpaceId;
}

id! {
    /// The id of a file or folder. Where a folder is expected, `root` is the root of the space.
    pub struct FileId;
}

id! {
    /// KooDrive's own id of a user. It isn't OrgID's id, which some calls have as well.
    pub struct UserId;
}

id! {
    /// The id of a department.
    pub struct DepartmentId;
}

id! {
    /// The id of a user group, which may have a space of its own.
    pub struct GroupId;
}
