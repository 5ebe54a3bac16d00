//! The window by the names of what is in it: found as a screen reader finds it, pressed, and what was asked for checked.

mod app;
mod assistants;
mod cameras;
mod chat;
mod connect;
mod dialogs;
mod full_screen;
mod labels;
mod main_window;
mod names;
mod needs;
mod objects;
mod people;
mod service;
mod stage;
mod start;
mod toolbar;
mod wall;
mod window;
