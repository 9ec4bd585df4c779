"""Names for what is generated."""

_SUBJECTS = (
    "AFST ANTH ARTH ASTR BIOL CHEM CLST COGS COLT COSC ECON EDUC ENGL ENGS ENVS "
    "FILM FREN GEOG GERM GOVT HIST ITAL JAPN JWST LING MATH MUSC NATV PHIL PHYS "
    "PORT PSYC QSSS RELG RUSS SART SOCY SPAN THEA WGSS"
)
SUBJECTS = _SUBJECTS.split()
_FIRST_NAMES = (
    "Ada Amir Ana Ben Bo Cara Chen Dara Dev Eli Emma Eva Femi Gus Hana Ida Ines "
    "Ivan Jade Jo Kai Lea Leo Lin Mara Max Mia Nia Noor Olga Omar Pia Ravi Rosa "
    "Sam Sara Theo Uma Vera Yusuf"
)
FIRST_NAMES = _FIRST_NAMES.split()
_LAST_NAMES = (
    "Abara Adler Baptiste Berg Castro Cho Dahl Diaz Eze Farah Fischer Garcia Gupta "
    "Haddad Hansen Ito Jansen Kaya Khan Kowalski Lam Lopez Mbeki Moreau Nakamura "
    "Nguyen Novak Okoye Olsen Park Patel Quist Rossi Sato Silva Tanaka Usman Vance "
    "Weber Zhou"
)
LAST_NAMES = _LAST_NAMES.split()
