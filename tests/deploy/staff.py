# Read into `manage.py shell` in a container of the site: letters walked through the workflow there.
import json

from django.contrib.auth.models import Group, User
from django.utils import timezone

from letters import workflow
from letters.models import Edition, Kind, Party, Role


def person(name, group):
    user, made = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if made:
        user.set_password("press-office-demo")
        user.save()
        user.groups.add(Group.objects.get(name=group))
    return user


drafter = person("drafter", "Drafters")
approver = person("approver", "Approvers")
publisher = person("publisher", "Publishers")


def draft(headline):
    return workflow.start(
        by=drafter,
        direction="sent",
        language="en",
        facts={
            "kind": Kind.objects.get(code="congratulation"),
            "headline": headline,
            "summary": "The President congratulated the King on his national day.",
            "letter_language": "en",
            "dated": timezone.localdate(),
            "place": "Valmere",
            "salutation": "Your Majesty,",
            "body": f"<p>This is the text of: {headline}.</p>",
            "closing": "Yours sincerely,",
        },
        parties=[
            Party(role=Role.SENDER, name="Mira Halden", title="President", country="XV"),
            Party(role=Role.ADDRESSEE, name="Tomas Reyk", title="King", country="XO"),
        ],
    )


def publish(edition, moment=None):
    edition = workflow.approve(workflow.submit(edition, by=drafter), by=approver)
    (edition,) = workflow.publish(edition, by=publisher, moment=moment)
    return edition


def live(reference):
    return Edition.objects.live(timezone.now()).get(letter__reference=reference, language="en")


def correct(reference, headline, moment=None):
    edition = workflow.correct(live(reference), by=drafter)
    with workflow.drafting(edition, by=drafter) as text:
        text.headline = headline
        text.body = f"<p>This is the text of: {headline}.</p>"
        text.correction_note = "A word was wrong."
        text.save()
    return publish(Edition.objects.get(pk=edition.pk), moment)


def tell(edition):
    print(json.dumps({"reference": edition.letter.reference, "url": edition.get_absolute_url()}))
