"""Every model in one place, so that the metadata is whole."""

from civmap.assignment.models import Duty, Ruling
from civmap.city.models import Building, City, Custom, Holiday, LandCover, Placard, StreetEdge
from civmap.draws.models import Draw, Drawn
from civmap.imports.models import Import, Imported, Layout
from civmap.inspections.models import Finding, Visit
from civmap.issues.models import AssistingUnit, Issue, Notice, NoticeIssue, Photo, Plea, Suspension
from civmap.messages.models import Message
from civmap.open311.models import ServiceRequest
from civmap.people.models import Person, SignIn, Token
from civmap.points.models import InspectionPoint
from civmap.routes.models import Member, Plan, Route, Stop, Team
from civmap.segments.models import MatchChoice, RoadSegment, SegmentChief
from civmap.store.base import Base
from civmap.store.ledger import Entry
from civmap.store.past import Past
from civmap.store.replies import Reply
from civmap.store.wide import Range
from civmap.units.models import Unit
from civmap.zones.models import Zone

MODELS = (City, Custom, Holiday, Unit, Person, SignIn, Token, StreetEdge, Building, LandCover, InspectionPoint,
          RoadSegment, SegmentChief, Zone, Duty, Ruling, Issue, AssistingUnit, Suspension, Plea, Notice, NoticeIssue,
          Photo, Message, Entry, Range, Reply, Past, MatchChoice, Placard, Draw, Drawn,
          Route, Team, Member, Stop, Plan, Visit, Finding, Import, Imported, Layout, ServiceRequest)
metadata = Base.metadata
