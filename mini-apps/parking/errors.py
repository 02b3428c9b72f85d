"""Parking's refusals. Those with a screen of their own (a space that was taken) are results instead."""

from haian.errors import PublicError


class PlateInvalid(PublicError):
    """No number plate (GA 36-2018)."""

    code = "PARKING_PLATE_INVALID"


class TimeInvalid(PublicError):
    """A booking lasts 30 minutes to 24 hours, an offer 30 minutes to 31 days; neither is past or over 60 days ahead."""

    code = "PARKING_TIME_INVALID"


class PlateBusy(PublicError):
    """This plate has another space at that time."""

    code = "PARKING_PLATE_BUSY"


class OwnSpace(PublicError):
    """The owner books her own space."""

    code = "PARKING_OWN_SPACE"


class SpaceInvalid(PublicError):
    """Lot (1 to 40 characters), label (1 to 20), price (0 to 10000 分 an hour) or community make no sense."""

    code = "PARKING_SPACE_INVALID"


class SpaceKnown(PublicError):
    """Somebody has registered this space."""

    code = "PARKING_SPACE_KNOWN"


class SpaceUnchecked(PublicError):
    """The property clerk has not checked the space yet, or has refused it."""

    code = "PARKING_SPACE_UNCHECKED"


class OfferOverlaps(PublicError):
    """The space is offered in part of that window already."""

    code = "PARKING_OFFER_OVERLAPS"


class OfferBooked(PublicError):
    """Somebody has booked in this window: it can't be taken back."""

    code = "PARKING_OFFER_BOOKED"


class TooLate(PublicError):
    """The booking has begun, or was cancelled before."""

    code = "PARKING_TOO_LATE"
