//! Holds the examples together; see the files beside this folder.
