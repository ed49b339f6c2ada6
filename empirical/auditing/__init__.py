"""The audit: all measurements on one model, the verdict, and the page that shows it."""
