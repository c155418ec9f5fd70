"""The venue's time is measured, corrected and never trusted blindly."""
