//! triform plans and applies serverless deployments with a three-way diff.

pub mod emulator;
