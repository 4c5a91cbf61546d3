//! Holds the tests together; see the folders beside this file. The README's examples are run as this
//! crate's own.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]
