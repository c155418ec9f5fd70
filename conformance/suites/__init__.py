"""The cases, by area. Collected by the plugin."""
