from letters.models.clearance import Clearance, Opening
from letters.models.correspondent import (
    Appointment,
    AppointmentTitle,
    Correspondent,
    CorrespondentName,
    CountryName,
)
from letters.models.delivery import Delivery, Heartbeat, Preferences
from letters.models.drafting import Presence, SetAside
from letters.models.edition import Edition, Editor, Form, Party, Role, Stage, Standing, State
from letters.models.event import Event, RecordHead
from letters.models.file import File
from letters.models.kind import Kind, KindName
from letters.models.letter import Direction, Letter, Reader
from letters.models.listing import Listing, Tally
from letters.models.office import Appearance, NoticeBar, Office, OfficePage
from letters.models.phrase import Phrase
from letters.models.proof import Examination, Note, Redaction, Seal, Sentence, Statement
from letters.models.remark import Remark
from letters.models.series import Recipient
from letters.models.submission import StandIn, Submission
from letters.models.withdrawal import Withdrawal

__all__ = [
    "Appearance",
    "Appointment",
    "AppointmentTitle",
    "Clearance",
    "Correspondent",
    "CorrespondentName",
    "CountryName",
    "Delivery",
    "Direction",
    "Edition",
    "Editor",
    "Event",
    "Examination",
    "File",
    "Form",
    "Heartbeat",
    "Kind",
    "KindName",
    "Letter",
    "Listing",
    "Note",
    "NoticeBar",
    "Office",
    "OfficePage",
    "Opening",
    "Party",
    "Phrase",
    "Preferences",
    "Presence",
    "Reader",
    "Recipient",
    "RecordHead",
    "Redaction",
    "Remark",
    "Role",
    "Seal",
    "Sentence",
    "SetAside",
    "Stage",
    "StandIn",
    "Standing",
    "Statement",
    "State",
    "Submission",
    "Tally",
    "Withdrawal",
]
