//! Holds the benches together; see the files beside this one.
