//! Holds the tests together; see the folders beside this file.
