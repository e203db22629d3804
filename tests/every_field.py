"""One made-up study that fills every field of the registry's list, each with a value of its own."""

from typing import Any

STUDY: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT99999901",
            "nctIdAliases": ["NCT99999902"],
            "orgStudyIdInfo": {"id": "ORG-A1", "type": "NIH", "link": "https://example.org/org-a1"},
            "secondaryIdInfos": [
                {
                    "id": "SEC-B2",
                    "type": "EUDRACT_NUMBER",
                    "domain": "Domain B3",
                    "link": "https://example.org/b2",
                }
            ],
            "briefTitle": "Brief title C4",
            "officialTitle": "Official title C5",
            "acronym": "ACRO-C6",
            "organization": {"fullName": "Organization D7", "class": "NETWORK"},
        },
        "statusModule": {
            "statusVerifiedDate": "2021-02",
            "overallStatus": "UNKNOWN",
            "lastKnownStatus": "ENROLLING_BY_INVITATION",
            "delayedPosting": True,
            "whyStopped": "Why stopped E8",
            "expandedAccessInfo": {
                "hasExpandedAccess": True,
                "nctId": "NCT99999903",
                "statusForNctId": "TEMPORARILY_NOT_AVAILABLE",
            },
            "startDateStruct": {"date": "2017-03-04", "type": "ACTUAL"},
            "primaryCompletionDateStruct": {"date": "2018-05-06", "type": "ESTIMATED"},
            "completionDateStruct": {"date": "2019-07-08", "type": "ESTIMATED"},
            "studyFirstSubmitDate": "2016-01-01",
            "studyFirstSubmitQcDate": "2016-01-02",
            "studyFirstPostDateStruct": {"date": "2016-01-03", "type": "ESTIMATED"},
            "resultsWaived": True,
            "resultsFirstSubmitDate": "2020-01-04",
            "resultsFirstSubmitQcDate": "2020-01-05",
            "resultsFirstPostDateStruct": {"date": "2020-01-06", "type": "ACTUAL"},
            "dispFirstSubmitDate": "2019-01-07",
            "dispFirstSubmitQcDate": "2019-01-08",
            "dispFirstPostDateStruct": {"date": "2019-01-09", "type": "ESTIMATED"},
            "lastUpdateSubmitDate": "2021-01-10",
            "lastUpdatePostDateStruct": {"date": "2021-01-11", "type": "ESTIMATED"},
        },
        "sponsorCollaboratorsModule": {
            "responsibleParty": {
                "type": "SPONSOR_INVESTIGATOR",
                "investigatorFullName": "Name F9",
                "investigatorTitle": "Title F10",
                "investigatorAffiliation": "Affiliation F11",
                "oldNameTitle": "Old name F12",
                "oldOrganization": "Old organization F13",
            },
            "leadSponsor": {"name": "Sponsor G14", "class": "OTHER_GOV"},
            "collaborators": [{"name": "Collaborator G15", "class": "INDIV"}],
        },
        "oversightModule": {
            "oversightHasDmc": True,
            "isFdaRegulatedDrug": False,
            "isFdaRegulatedDevice": True,
            "isUnapprovedDevice": True,
            "isPpsd": True,
            "isUsExport": False,
            "fdaaa801Violation": True,
        },
        "descriptionModule": {
            "briefSummary": "Summary *H16*.",
            "detailedDescription": "Description\n\n* H17\n* H18",
        },
        "conditionsModule": {"conditions": ["Condition I19"], "keywords": ["Keyword I20"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "nPtrsToThisExpAccNctId": 4321,
            "expandedAccessTypes": {"individual": True, "intermediate": True, "treatment": True},
            "patientRegistry": True,
            "targetDuration": "29 Weeks",
            "phases": ["PHASE1", "PHASE2"],
            "designInfo": {
                "allocation": "NON_RANDOMIZED",
                "interventionModel": "FACTORIAL",
                "interventionModelDescription": "Model description J21",
                "primaryPurpose": "DEVICE_FEASIBILITY",
                "observationalModel": "CASE_CROSSOVER",
                "timePerspective": "CROSS_SECTIONAL",
                "maskingInfo": {
                    "masking": "TRIPLE",
                    "maskingDescription": "Masking description J22",
                    "whoMasked": ["PARTICIPANT", "OUTCOMES_ASSESSOR"],
                },
            },
            "bioSpec": {"retention": "SAMPLES_WITHOUT_DNA", "description": "Samples J23"},
            "enrollmentInfo": {"count": 7654, "type": "ESTIMATED"},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {
                    "label": "Arm K24",
                    "type": "SHAM_COMPARATOR",
                    "description": "Arm description K25",
                    "interventionNames": ["Device: Intervention K26"],
                }
            ],
            "interventions": [
                {
                    "type": "COMBINATION_PRODUCT",
                    "name": "Intervention K26",
                    "description": "Intervention description K27",
                    "armGroupLabels": ["Arm K24"],
                    "otherNames": ["Other name K28"],
                }
            ],
        },
        "outcomesModule": {
            f"{kind}Outcomes": [
                {
                    "measure": f"Measure {kind} L29",
                    "description": f"Description {kind} L30",
                    "timeFrame": f"Frame {kind} L31",
                }
            ]
            for kind in ("primary", "secondary", "other")
        },
        "eligibilityModule": {
            "eligibilityCriteria": "Inclusion Criteria:\n\n* In M32\n\nExclusion Criteria:\n\n* Out M33",
            "healthyVolunteers": True,
            "sex": "FEMALE",
            "genderBased": True,
            "genderDescription": "Gender description M34",
            "minimumAge": "6 Months",
            "maximumAge": "17 Years",
            "stdAges": ["CHILD"],
            "studyPopulation": "Population M35",
            "samplingMethod": "NON_PROBABILITY_SAMPLE",
        },
        "contactsLocationsModule": {
            "centralContacts": [
                {
                    "name": "Contact N36",
                    "role": "CONTACT",
                    "phone": "+1 555 0136",
                    "phoneExt": "36",
                    "email": "n36@example.org",
                }
            ],
            "overallOfficials": [
                {"name": "Official N37", "affiliation": "Affiliation N38", "role": "STUDY_CHAIR"}
            ],
            "locations": [
                {
                    "facility": "Facility N39",
                    "status": "WITHDRAWN",
                    "city": "City N40",
                    "state": "State N41",
                    "zip": "N-42",
                    "country": "Country N43",
                    "contacts": [
                        {
                            "name": "Site contact N44",
                            "role": "SUB_INVESTIGATOR",
                            "phone": "+1 555 0144",
                            "phoneExt": "44",
                            "email": "n44@example.org",
                        }
                    ],
                    "geoPoint": {"lat": 1.5, "lon": 2.5},
                }
            ],
        },
        "referencesModule": {
            "references": [
                {
                    "pmid": "12345045",
                    "type": "DERIVED",
                    "citation": "Citation O46",
                    "retractions": [{"pmid": "12345047", "source": "Retraction O48"}],
                }
            ],
            "seeAlsoLinks": [{"label": "Link O49", "url": "https://example.org/o50"}],
            "availIpds": [
                {
                    "id": "IPD-O51",
                    "type": "Type O52",
                    "url": "https://example.org/o53",
                    "comment": "Comment O54",
                }
            ],
        },
        "ipdSharingStatementModule": {
            "ipdSharing": "UNDECIDED",
            "description": "Sharing P55",
            "infoTypes": ["STUDY_PROTOCOL", "ANALYTIC_CODE"],
            "timeFrame": "Sharing time P56",
            "accessCriteria": "Access P57",
            "url": "https://example.org/p58",
        },
    },
    "annotationSection": {
        "annotationModule": {
            "unpostedAnnotation": {
                "unpostedResponsibleParty": "Party Q59",
                "unpostedEvents": [
                    {"type": "RELEASE", "date": "2020-02-03"},
                    {"type": "UNRELEASE", "dateUnknown": True},
                ],
            },
            "violationAnnotation": {
                "violationEvents": [
                    {
                        "type": "PENALTY_IMPOSED",
                        "description": "Violation Q60",
                        "creationDate": "2020-03-04",
                        "issuedDate": "2020-03-05",
                        "releaseDate": "2020-03-06",
                        "postedDate": "2020-03-07",
                    }
                ]
            },
        }
    },
    "documentSection": {
        "largeDocumentModule": {
            "noSap": True,
            "largeDocs": [
                {
                    "typeAbbrev": "Prot_ICF",
                    "hasProtocol": True,
                    "hasSap": False,
                    "hasIcf": True,
                    "label": "Study Protocol and Informed Consent Form",
                    "date": "2018-08-09",
                    "uploadDate": "2018-08-10T11:12",
                    "filename": "Prot_ICF_001.pdf",
                    "size": 2_345_678,
                }
            ],
        }
    },
    "derivedSection": {
        "miscInfoModule": {"versionHolder": "2021-04-05", "removedCountries": ["Country R61"]},
        "conditionBrowseModule": {
            "meshes": [{"id": "D000001", "term": "Term R62"}],
            "ancestors": [{"id": "D000002", "term": "Term R63"}],
        },
        "interventionBrowseModule": {
            "meshes": [{"id": "D000003", "term": "Term R64"}],
            "ancestors": [{"id": "D000004", "term": "Term R65"}],
        },
    },
    "hasResults": False,
}
