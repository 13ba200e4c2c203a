"""What is searched for in the sample office, and which letter has to come first.

(language of the page, words, key of the letter, or nothing to be found). Judged by reading the
letters, not by what the search gives.
"""

JUDGED = [
    # Names with and without accents, in any known spelling.
    ("en", "Kelečin", "ruvenia-national-day-2024"),
    ("en", "kelecin", "ruvenia-national-day-2024"),
    ("en", "Borodarić thanks", "karpovia-thanks-2026"),
    ("en", "borodaric thanks", "karpovia-thanks-2026"),
    ("en", "STANIMIR BORODARIC condolences", "karpovia-earthquake-2026"),
    ("en", "Sekou ferry", "diambura-ferry-2026"),
    ("en", "Sékou ferry", "diambura-ferry-2026"),
    ("en", "lauhena", "motuhena-cyclone-2026"),
    ("en", "Academia Auremontana", "university-of-auremont-1624"),
    ("en", "Matthias Orlander landslide", "sethavan-landslide-2025"),
    ("en", "Karatemir", "altymar-spring-2026"),
    ("en", "Erzhan Qaratemir", "altymar-spring-2026"),
    ("en", "Mounir ben Salim thanks", "jumana-floods-thanks-2024"),
    ("en", "إيلينا ماروفيل ferry", "diambura-ferry-2026"),
    ("fr", "Idriss El Ouanchari sommet", "zahwan-acceptance-2026"),
    ("fr", "Idris Al Wanshari sommet", "zahwan-acceptance-2026"),
    ("ar", "Idris Al Wanshari", "zahwan-acceptance-2026"),
    ("ar", "Thibault", "grand-duke-jubilee-2026"),
    ("ar", "الونشاري قمة", "zahwan-acceptance-2026"),
    # What a letter is about; words in other forms than the letter has.
    ("en", "earthquake condolences", "karpovia-earthquake-2026"),
    ("en", "earthquakes", "karpovia-earthquake-2026"),
    ("en", "flood", "jumana-floods-condolence-2024"),
    ("en", "floods rescue", "jumana-floods-thanks-2024"),
    ("en", "cyclone", "motuhena-cyclone-2026"),
    ("en", "landslide nakhonsaya", "sethavan-landslide-2025"),
    ("en", "state visit invitation", "altaguara-invitation-2026"),
    ("en", "lake silvane convention", "lake-silvane-convention-2026"),
    ("en", "four hundredth anniversary", "university-of-auremont-1624"),
    ("en", "fifty years diplomatic relations", "tairin-fifty-years-2026"),
    ("en", "farewell", "tessandor-farewell-2025"),
    ("en", "new year citizens abroad", "valdorans-abroad-2025"),
    ("en", "youth assembly", "youth-assembly-2025"),
    ("en", "water purification", "jumana-society-thanks-2026"),
    ("en", "death of King Sigvard", "king-sigvard-condolence-2025"),
    ("en", "hydrologists", "diambura-rivers-reply-2025"),
    ("en", "tunnel orsen", "ruvenia-reply-2025"),
    ("fr", "crues", "jumana-floods-condolence-2024"),
    ("fr", "seisme", "karpovia-earthquake-2026"),
    ("fr", "séisme", "karpovia-earthquake-2026"),
    ("fr", "naufrage", "diambura-ferry-2026"),
    ("fr", "félicitations grand-duc", "grand-duke-jubilee-2026"),
    ("fr", "voeux étranger", "valdorans-abroad-2025"),
    ("fr", "forum des grands fleuves invitation", "diambura-rivers-invitation-2024"),
    ("ar", "سيول", "jumana-floods-condolence-2024"),
    ("ar", "السيول", "jumana-floods-condolence-2024"),
    ("ar", "تهنئة سلمى", "tazrouti-congratulation-2026"),
    ("ar", "قمه منظمه الدول الجبليه", "auremont-summit-invitation-2026"),
    ("ar", "العيد الوطني", "zahwan-national-day-2025"),
    ("ar", "وفاة الملك", "king-sigvard-condolence-2025"),
    # Phrases, the start of a word, references.
    ("en", '"forum of great rivers"', "diambura-rivers-invitation-2024"),
    ("en", "“national day”", "ruvenia-national-day-2024"),
    ("en", '"great forum of rivers"', None),
    ("en", "inaugur mosanda", None),
    ("en", "mosanda congratul", "mosanda-inauguration-2025"),
    ("fr", "«\u202fgrand-duc\u202f» remercie", "grand-duke-thanks-2026"),
    # Nothing, and no harm.
    ("en", "zzzz", None),
    ("en", "'; DROP TABLE letters_edition; --", None),
    ("en", '"', None),
    ("en", "* ( ) : ^ { } & | ! <->", None),
    ("en", "king -queen NEAR(a b) title:x", None),
]

# Misspelt: nothing is found, and this is what was meant.
MEANT = [
    ("en", "tesandor", "Tessandor"),
    ("en", "borodarich", "Borodarić"),
    ("en", "Peravila mountain", "Peravelle mountain"),
    ("en", "kelmrak", "Kelmark"),
    ("en", "earthquake karpowia", "earthquake Karpovia"),
    ("fr", "tazruti", "Tazrouti"),
    ("ar", "الونشاريي", "الونشاري"),
]
