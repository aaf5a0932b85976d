//! The readable meaning: clauses evaluated row by row, mechanisms by brute force.
