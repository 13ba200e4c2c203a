from letters.models.correspondent import (
    Appointment,
    AppointmentTitle,
    Correspondent,
    CorrespondentName,
    CountryName,
)
from letters.models.edition import Edition, Editor, Form, Party, Role, Stage, Standing, State
from letters.models.event import Event, RecordHead
from letters.models.kind import Kind, KindName
from letters.models.letter import Direction, Letter
from letters.models.office import Office
from letters.models.withdrawal import Withdrawal

__all__ = [
    "Appointment",
    "AppointmentTitle",
    "Correspondent",
    "CorrespondentName",
    "CountryName",
    "Direction",
    "Edition",
    "Editor",
    "Event",
    "Form",
    "Kind",
    "KindName",
    "Letter",
    "Office",
    "Party",
    "RecordHead",
    "Role",
    "Stage",
    "Standing",
    "State",
    "Withdrawal",
]
