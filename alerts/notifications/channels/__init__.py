"""Delivery backends beside e-mail: messaging service and webhook. Each sends one message or raises DeliveryError."""


class DeliveryError(Exception):
    """A message was not sent. The text gives the reason and may be shown: it contains no address and no secret."""
