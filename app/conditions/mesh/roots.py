"""The roots of the trees of diseases and of mental health, for files that leave them out.

Numbers, ids and names are those of MeSH since 2022, when C13 was merged into C12. The numbers C02, C03 and C13 are no
longer in use.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple


class Root(NamedTuple):
    number: str
    mesh_id: str
    name: str


ROOTS = (
    Root("C01", "D007239", "Infections"),
    Root("C04", "D009369", "Neoplasms"),
    Root("C05", "D009140", "Musculoskeletal Diseases"),
    Root("C06", "D004066", "Digestive System Diseases"),
    Root("C07", "D009057", "Stomatognathic Diseases"),
    Root("C08", "D012140", "Respiratory Tract Diseases"),
    Root("C09", "D010038", "Otorhinolaryngologic Diseases"),
    Root("C10", "D009422", "Nervous System Diseases"),
    Root("C11", "D005128", "Eye Diseases"),
    Root("C12", "D000091642", "Urogenital Diseases"),
    Root("C14", "D002318", "Cardiovascular Diseases"),
    Root("C15", "D006425", "Hemic and Lymphatic Diseases"),
    Root("C16", "D009358", "Congenital, Hereditary, and Neonatal Diseases and Abnormalities"),
    Root("C17", "D017437", "Skin and Connective Tissue Diseases"),
    Root("C18", "D009750", "Nutritional and Metabolic Diseases"),
    Root("C19", "D004700", "Endocrine System Diseases"),
    Root("C20", "D007154", "Immune System Diseases"),
    Root("C21", "D007280", "Disorders of Environmental Origin"),
    Root("C22", "D000820", "Animal Diseases"),
    Root("C23", "D013568", "Pathological Conditions, Signs and Symptoms"),
    Root("C24", "D009784", "Occupational Diseases"),
    Root("C25", "D064419", "Chemically-Induced Disorders"),
    Root("C26", "D014947", "Wounds and Injuries"),
    Root("F01", "D001520", "Behavior and Behavior Mechanisms"),
    Root("F02", "D011579", "Psychological Phenomena"),
    Root("F03", "D001523", "Mental Disorders"),
)


def missing_roots(tree_numbers: Collection[str]) -> Iterator[Root]:
    """Yield the roots that a file has tree numbers below, but does not have itself."""
    trees = {number.partition(".")[0] for number in tree_numbers if "." in number}
    for root in ROOTS:
        if root.number in trees and root.number not in tree_numbers:
            yield root
