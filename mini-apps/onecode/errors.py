"""Onecode's refusals. A code that does not pass is no error: it is a verdict, kept and told to its holder."""

from haian.errors import PublicError


class CodeUnreadable(PublicError):
    """What was scanned or typed has not the form of a code: `H1:` and 26 signs, or 8 digits."""

    code = "ONECODE_CODE_UNREADABLE"


class CodeSuspended(PublicError):
    """The holder has suspended their code: none is shown until they resume it."""

    code = "ONECODE_SUSPENDED"


class UndoLate(PublicError):
    """A scan is taken back within 5 minutes."""

    code = "ONECODE_UNDO_LATE"


class EntryUnexplained(PublicError):
    """Who is let in without a code: 1 to 99 people, and where the cause is another, why, in 2 to 200 characters."""

    code = "ONECODE_ENTRY_UNEXPLAINED"


class CommunityMissing(PublicError):
    """Who invites a visitor lives in no community that is known."""

    code = "ONECODE_COMMUNITY_MISSING"


class TooManyPasses(PublicError):
    """Ten invitations are open: one has to be over, or ended, first."""

    code = "ONECODE_TOO_MANY_PASSES"


class VisitUnknown(PublicError):
    """No invitation has this secret: the link is not whole, or its visit was forgotten after a month."""

    code = "ONECODE_VISIT_UNKNOWN"


class ProofInvalid(PublicError):
    """A request of a verifier without a proof of its own for exactly this request, or of a verifier that is none."""

    code = "ONECODE_PROOF_INVALID"
    status = 401


class ProofStale(PublicError):
    """A proof of another time: the clock of who signed it is more than a minute wrong."""

    code = "ONECODE_PROOF_STALE"
    status = 401


class ProofReplayed(PublicError):
    """A proof that was shown before."""

    code = "ONECODE_PROOF_REPLAYED"
    status = 409


class VerifierRevoked(PublicError):
    """A verifier that was revoked, or has not been approved."""

    code = "ONECODE_VERIFIER_REVOKED"
    status = 403


class EnrolmentUnknown(PublicError):
    """A code that registers no key: mistyped, used, or older than 15 minutes."""

    code = "ONECODE_ENROLMENT_UNKNOWN"
    status = 400


class KeyInvalid(PublicError):
    """A key that is no public JWK of Ed25519 or P-256."""

    code = "ONECODE_KEY_INVALID"
    status = 400


class PlaceInvalid(PublicError):
    """The place of a verifier has 1 to 40 characters."""

    code = "ONECODE_PLACE_INVALID"


class PlaceTaken(PublicError):
    """The organisation has a verifier at a place of this name."""

    code = "ONECODE_PLACE_TAKEN"


class SceneUnknown(PublicError):
    """A scene that is not for organisations of this kind."""

    code = "ONECODE_SCENE_UNKNOWN"


class SecondPerson(PublicError):
    """Who registered a verifier does not approve it."""

    code = "ONECODE_SECOND_PERSON"


class DecidedAlready(PublicError):
    """A verifier that was approved, declined or revoked before."""

    code = "ONECODE_DECIDED_ALREADY"


class ReasonMissing(PublicError):
    """What is to be said with a reason of 2 to 100 characters."""

    code = "ONECODE_REASON_MISSING"


class OwnEntry(PublicError):
    """Nobody reviews whom they let in themself."""

    code = "ONECODE_OWN_ENTRY"


class EntryReviewed(PublicError):
    """Another manager has reviewed it meanwhile."""

    code = "ONECODE_ENTRY_REVIEWED"


class AskAnswered(PublicError):
    """The holder has answered otherwise before, perhaps on another phone."""

    code = "ONECODE_ASK_ANSWERED"


class AskOver(PublicError):
    """Two minutes are over, or the scan was taken back: nothing was shown."""

    code = "ONECODE_ASK_OVER"


class SceneTaken(PublicError):
    """There is a scene of this id, or was: the history still speaks of it."""

    code = "ONECODE_SCENE_TAKEN"


class MotionOpen(PublicError):
    """Something is proposed about this scene and not decided yet."""

    code = "ONECODE_MOTION_OPEN"


class MotionDecided(PublicError):
    """Another official has decided it meanwhile."""

    code = "ONECODE_MOTION_DECIDED"


class SceneSecondPerson(PublicError):
    """Who proposed a scene does not decide about it."""

    code = "ONECODE_SCENE_SECOND_PERSON"


class NotAtPost(PublicError):
    """What was read without the server fits no assignment of that time: its verifier was at another post or in another
    scene, or read no codes yet."""

    code = "ONECODE_NOT_AT_POST"


class CodeNotOffline(PublicError):
    """This scene takes no code that was made for the time without a network, or not without the server."""

    code = "ONECODE_NOT_OFFLINE"
