"""The ways a message goes: e-mail, a messaging service, a webhook. Each sends one message or raises NotSent."""


class DeliveryError(Exception):
    """The text says why, as the person may read it: no address, no secret in it."""
