"""The kinds of letter an office begins with; administrators keep them from here."""

from django.db import migrations

LANGUAGES = ("en", "fr", "es", "ru", "az", "ar")
KINDS = {
    "congratulation": ("Congratulation", "Félicitations", "Felicitación", "Поздравление", "Təbrik", "تهنئة"),
    "condolence": ("Condolence", "Condoléances", "Condolencias", "Соболезнование", "Başsağlığı", "تعزية"),
    "greeting": ("Greeting", "Message de vœux", "Saludo", "Приветствие", "Salamlama", "تحية"),
    "reply": ("Reply", "Réponse", "Respuesta", "Ответ", "Cavab", "رد"),
    "invitation": ("Invitation", "Invitation", "Invitación", "Приглашение", "Dəvət", "دعوة"),
    "thanks": ("Thanks", "Remerciements", "Agradecimiento", "Благодарность", "Təşəkkür", "شكر"),
    "statement": ("Statement", "Déclaration", "Declaración", "Заявление", "Bəyanat", "بيان"),
}  # fmt: skip


def add_kinds(apps, schema_editor):
    kinds = apps.get_model("letters", "Kind").objects
    names = apps.get_model("letters", "KindName").objects
    for position, (code, translations) in enumerate(KINDS.items(), start=1):
        kind = kinds.create(code=code, position=position)
        for language, name in zip(LANGUAGES, translations, strict=True):
            names.create(kind=kind, language=language, name=name)


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_letters")]
    operations = [migrations.RunPython(add_kinds, migrations.RunPython.noop)]
