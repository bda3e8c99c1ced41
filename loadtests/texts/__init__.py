"""The catalogues of what users read: taken from the code, checked, and made for `gettext`."""
