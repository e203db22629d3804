"""Small MeSH files in the format of NLM."""

import gzip
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from xml.sax.saxutils import escape

from app.conditions.mesh.read import Descriptor, DescriptorTerm

_ids = count(1)

HEAD = (
    '<?xml version="1.0"?>\n<!DOCTYPE DescriptorRecordSet SYSTEM '
    '"https://www.nlm.nih.gov/databases/dtd/nlmdescriptorrecordset_20260101.dtd">\n'
)


def descriptor(
    name: str = "Asthma",
    mesh_id: str = "",
    *,
    trees: Sequence[str] = (),
    synonyms: Sequence[str] = (),
    permuted: Sequence[str] = (),
    tagged: Sequence[tuple[str, str]] = (),
    narrower: Sequence[str] = (),
) -> Descriptor:
    """Build a descriptor.

    `tagged` are (text, lexical tag); `narrower` are terms of a concept that is not the preferred one.
    """
    terms = [
        DescriptorTerm(name, dict(tagged).get(name, "NON"), False, True),
        *(DescriptorTerm(text, "NON", False, True) for text in synonyms),
        *(DescriptorTerm(text, "NON", True, True) for text in permuted),
        *(DescriptorTerm(text, tag, False, True) for text, tag in tagged if text != name),
        *(DescriptorTerm(text, "NON", False, False) for text in narrower),
    ]
    return Descriptor(mesh_id or f"D{next(_ids):06d}", name, tuple(trees), tuple(terms))


def mesh_xml(*descriptors: Descriptor) -> bytes:
    records = "\n".join(map(_record, descriptors))
    return f'{HEAD}<DescriptorRecordSet LanguageCode = "eng">\n{records}\n</DescriptorRecordSet>\n'.encode()


def mesh_file(folder: Path, *descriptors: Descriptor, name: str = "desc2026.gz") -> Path:
    path = folder / name
    data = mesh_xml(*descriptors)
    path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    return path


def _record(descriptor: Descriptor) -> str:
    numbers = "".join(f"<TreeNumber>{number}</TreeNumber>" for number in descriptor.tree_numbers)
    trees = f"<TreeNumberList>{numbers}</TreeNumberList>" if numbers else ""
    return (
        f'<DescriptorRecord DescriptorClass = "1"><DescriptorUI>{descriptor.mesh_id}</DescriptorUI>'
        f"<DescriptorName><String>{escape(descriptor.name)}</String></DescriptorName>{trees}"
        f"<ConceptList>{_concept(descriptor, 'Y')}{_concept(descriptor, 'N')}</ConceptList></DescriptorRecord>"
    )


def _concept(descriptor: Descriptor, preferred: str) -> str:
    terms = "".join(
        f'<Term IsPermutedTermYN="{"Y" if term.is_permuted else "N"}" LexicalTag="{term.lexical_tag}">'
        f"<TermUI>T1</TermUI><String>{escape(term.text)}</String></Term>"
        for term in descriptor.terms
        if term.is_preferred == (preferred == "Y")
    )
    return (
        f'<Concept PreferredConceptYN="{preferred}"><TermList>{terms}</TermList></Concept>' if terms else ""
    )
