"""What can be wrong with a site; each message is all that its reader needs."""


class SiteError(RuntimeError):
    """The site could not be built, or is not fit to be shown."""


class StaleRun(SiteError):
    """Executed notebooks are missing, or belong to other code."""


class NotPublishable(SiteError):
    """A run holds what must not be published."""
