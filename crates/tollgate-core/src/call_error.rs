//! A boxed error with a name, and the search in a chain of errors.

use std::{error::Error, fmt, iter};

use crate::{BoxError, class::deeper};

/// The error of a boxed client, and of its response bodies: any error, boxed.
///
/// It is the boxed error in all but name: text, `Debug` and sources are those of the error inside, and
/// [`Rejected::find`](crate::Rejected::find), [`TimedOut::find`](crate::TimedOut::find),
/// [`Class::of_error`](crate::Class::of_error) and [`find_error`] look into it.
///
/// The name is needed because of a limit of the compiler. A spawned task in which a service is called
/// whose type mentions `Box<dyn Error + Send + Sync>`, with a layer around it that converts errors, fails
/// to compile with "implementation of `From` is not general enough". A named type has no such limit. For
/// a boxed service of your own:
///
/// ```
/// use http::{Request, Response};
/// use tollgate_core::{BoxError, CallError};
/// use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};
///
/// let client = service_fn(|_: Request<()>| async { Ok::<_, BoxError>(Response::new(())) });
/// let client = BoxCloneSyncService::new(client.map_err(CallError::from));
/// # let _ = client;
/// ```
///
/// # Examples
///
/// ```
/// use tollgate_core::{CallError, Class, Reason, Rejected};
///
/// let error = CallError::new(Rejected::new(Reason::QueueFull));
/// assert_eq!(error.to_string(), "too many calls are waiting");
/// assert_eq!(Class::of_error(&error), None);
/// let rejected = error.find::<Rejected>().expect("it is one");
/// assert_eq!(rejected.reason(), Reason::QueueFull);
/// ```
pub struct CallError(BoxError);

impl CallError {
    /// Boxes an error. Does not box a [`CallError`] again.
    pub fn new(error: impl Into<BoxError>) -> Self {
        let error = error.into();
        match error.downcast::<Self>() {
            Ok(named) => *named,
            Err(error) => Self(error),
        }
    }

    /// The first error of this type in the chain, beginning with the error inside.
    #[must_use]
    pub fn find<T: Error + 'static>(&self) -> Option<&T> {
        find_error(self)
    }

    /// The error inside, if it is of this type.
    #[must_use]
    pub fn downcast_ref<T: Error + 'static>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }

    /// Whether the error inside is of this type.
    #[must_use]
    pub fn is<T: Error + 'static>(&self) -> bool {
        self.0.is::<T>()
    }

    /// The error inside.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.0.as_ref()
    }

    /// The error inside, boxed.
    #[must_use]
    pub fn into_inner(self) -> BoxError {
        self.0
    }
}

impl From<BoxError> for CallError {
    fn from(error: BoxError) -> Self {
        Self::new(error)
    }
}

impl AsRef<dyn Error + Send + Sync + 'static> for CallError {
    fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        self.get_ref()
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// An error and its sources, outermost first. Also yields what sources skip: the error inside an
/// [`io::Error`](std::io::Error) and the one inside a [`CallError`].
pub fn error_chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| deeper(*error))
}

/// The first error of this type in an [`error_chain`].
///
/// # Examples
///
/// ```
/// use tollgate_core::{BoxError, CallError, Reason, Rejected, find_error};
///
/// let error: BoxError = CallError::new(Rejected::new(Reason::QueueFull)).into();
/// assert!(find_error::<Rejected>(error.as_ref()).is_some());
/// ```
#[must_use]
pub fn find_error<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    error_chain(error).find_map(|error| error.downcast_ref())
}

#[cfg(test)]
mod tests {
    use std::{io, time::Duration};

    use super::*;
    use crate::{Class, Reason, Rejected, TimeLimit, TimedOut};

    #[test]
    fn what_is_inside_is_found_however_it_is_wrapped() {
        let inside = CallError::new(Rejected::new(Reason::CircuitOpen));
        let boxed: BoxError = inside.into();
        let io = io::Error::other(CallError::new(boxed));
        let error = CallError::new(io);
        assert_eq!(Class::of_error(&error), None);
        assert_eq!(Class::of_any(&error), None);
        assert!(Rejected::find(&error).is_some());
        assert!(error.find::<Rejected>().is_some() && error.is::<io::Error>());
        assert!(Rejected::find(error.as_ref()).is_some());

        let late = TimedOut::new(TimeLimit::Attempt, Duration::from_secs(2));
        let error = CallError::from(late.into_error());
        assert_eq!(Class::of_any(&error), Some(Class::Timeout));
        assert!(TimedOut::find(&error).is_some());
    }

    #[test]
    fn it_reads_as_the_error_inside_and_is_boxed_once() {
        let inside: BoxError = "the line is cut".into();
        let (text, debug) = (inside.to_string(), format!("{inside:?}"));
        let boxed: BoxError = CallError::new(inside).into();
        let error = CallError::from(boxed);
        assert!(!error.is::<CallError>());
        assert!(error.source().is_none());
        assert_eq!((error.to_string(), format!("{error:?}")), (text, debug));
        assert_eq!(error.into_inner().to_string(), "the line is cut");
    }
}
