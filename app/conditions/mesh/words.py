"""Words that MeSH's tags leave open or get wrong. The lists were made by reading the labels of all diseases."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PROPER = _words(
    # places and peoples
    "Achilles African Alice American Argentinian Asian Balkan Bolivian British Brazilian California Chinese "
    "Colorado Congo Crimean Ebola European Finnish French German Gulf Hendra Indian Italian Japanese Kyasanur "
    "Forest Korean Lassa Louis Lyme Marburg Mediterranean Mongolian Mountain Nile Nipah Omsk Persian Rift Rocky "
    "Russian Scottish Spanish St Venezuelan West Wonderland Zika "
    # people
    "Addison Bell Bonnet Caplan Charles Down Galen Gardner Graves Hutchinson Mobius Monteggia Nicolau Oddi "
    "Thomson Turner Usher Vinson Walker Weber Wissler "
    # genera
    "Acanthamoeba Acinetobacter Actinobacillus Aliivibrio Aspergillus Bacteroides Bartonella Blastocystis "
    "Bordetella Borrelia Brucella Burkholderia Campylobacter Candida Chlamydia Chlamydophila Clostridioides "
    "Clostridium Corynebacterium Cryptosporidium Dictyocaulus Dipetalonema Erysipelothrix Escherichia "
    "Fusobacterium Giardia Haemophilus Helicobacter Klebsiella Legionella Leishmania Listeria Mycobacterium "
    "Mycoplasma Neisseria Nocardia Pasteurella Phlebotomus Plasmodium Pneumocystis Proteus Pseudomonas "
    "Rickettsia Salmonella Serratia Shigella Staphylococcus Streptococcus Toxicodendron Toxoplasma Trichomonas "
    "Trypanosoma Ureaplasma Vibrio Yersinia "
    # orders of animals and protists
    "Adenophorea Ascaridida Ciliophora Enoplida Euglenozoa Mesomycetozoea Oxyurida Rhabditida Secernentea "
    "Spirurida Strongylida"
)

COMMON = _words(
    "adultorum angle anomaly apraxia athlete breakage bullosa bundle calcific child congenita disease "
    "epidermolysis eruption evil esophagus excitation extramammary fancier farmer filler forme freckle gangrene "
    "gray hernias hospital infant men miner mink mother nodule optica patient pentalogy phenotype polydactyly "
    "proxy puffy pupil retraction rib sheep spotted sweating syndrome tailor tennis tetralogy trilogy variant "
    "woman women worker"
)

SURNAMES = frozenset({"Hand", "Rich", "White"})
"""Words that are surnames in descriptors with a term tagged as a name, and ordinary words elsewhere."""

ORDERED = {
    "Brief, Resolved, Unexplained Event": "Brief Resolved Unexplained Event",
    "Corneal Dystrophy, Juvenile Epithelial of Meesmann": "Juvenile Epithelial Corneal Dystrophy of Meesmann",
    "Hand, Foot and Mouth Disease": "Hand, Foot and Mouth Disease",
    "Infant, Newborn, Diseases": "Newborn Infant Diseases",
    "Infant, Premature, Diseases": "Premature Infant Diseases",
}
"""Names whose commas follow no rule, and their natural word order."""

COMMON_ENDINGS = tuple(
    _words(
        "asia cytosis ectasia emia form itis litic logy matosis mycosis notic nuclear oid oma onychia oplasia osis "
        "pathy phalitic sion thenic tonia trophic trophy uria"
    )
)

TAXON_ENDINGS = ("aceae", "viridae", "virales", "bacterales", "chaetales", "mycetales", "plasmatales", "idae")
