"""Every model in one place, so that the metadata is whole."""

from civmap.assignment.models import Duty
from civmap.city.models import Building, City, LandCover, StreetEdge
from civmap.issues.models import AssistingUnit, Issue, Photo
from civmap.people.models import Person, SignIn, Token
from civmap.points.models import InspectionPoint
from civmap.segments.models import RoadSegment, SegmentChief
from civmap.store.base import Base
from civmap.store.ledger import Entry
from civmap.store.replies import Reply
from civmap.units.models import Unit
from civmap.zones.models import Zone

MODELS = (City, Unit, Person, SignIn, Token, StreetEdge, Building, LandCover, InspectionPoint, RoadSegment,
          SegmentChief, Zone, Duty, Issue, AssistingUnit, Photo, Entry, Reply)
metadata = Base.metadata
