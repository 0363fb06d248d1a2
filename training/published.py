"""What people and other systems reach, as they published it. Quoted beside our figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A figure from elsewhere.

    Attributes:
        task: data and number of classes.
        who: the system, or people.
        figure: as published.
        source: where it stands; a link where there is one.
    """

    task: str
    who: str
    figure: str
    source: str


FACES = (
    Published(
        "FER2013 label, 7 classes",
        "people",
        "65 ± 5 %",
        "[Goodfellow et al. 2013](https://arxiv.org/abs/1307.0414)",
    ),
    Published(
        "FER2013 label, 7 classes",
        "DeepFace's emotion model",
        "57.4 %",
        "[its author](https://github.com/serengil/deepface/issues/247)",
    ),
    Published(
        "FER2013 label, 7 classes",
        "mini-Xception",
        "66 %",
        "[its README](https://github.com/oarriaga/face_classification)",
    ),
    Published(
        "FER2013 label, 7 classes",
        "ResMaskingNet; ensemble of 7",
        "74.14 %; 76.82 %",
        "[its README](https://github.com/phamquiluan/ResidualMaskingNetwork)",
    ),
    Published(
        "FER+ plurality, 8 classes",
        "VGG13",
        "84.99 %",
        "[Barsoum et al. 2016](https://arxiv.org/abs/1608.01041)",
    ),
    Published("FER+ plurality, 8 classes", "ResNet-50 + ABP", "84.9 %", "Rahadika et al."),
)

VOICES = (
    Published(
        "CREMA-D, 6 classes",
        "people, by the voice alone",
        "40.9 %",
        "[Cao et al. 2014](https://pmc.ncbi.nlm.nih.gov/articles/PMC4313618)",
    ),
    Published(
        "CREMA-D, 6 classes",
        "people, by face; by face and voice",
        "58.2 %; 63.6 %",
        "[Cao et al. 2014](https://pmc.ncbi.nlm.nih.gov/articles/PMC4313618)",
    ),
    Published(
        "CREMA-D, 6 classes",
        "wav2vec2-base, fine-tuned three times",
        "70.7 % to 79.1 %",
        "model cards of Supreeta03, MysticShadow427, midoiv; split not stated",
    ),
    Published(
        "RAVDESS, 8 classes",
        "wav2vec2-large-xlsr, fine-tuned",
        "82.2 %",
        "model card of ehcalabres; split not stated",
    ),
    Published(
        "IEMOCAP, 4 classes",
        "SpeechBrain's wav2vec2-base",
        "75.3 % on average",
        "its model card",
    ),
    Published(
        "EmoDB, 7 classes",
        "people",
        "over 80 %",
        "[Burkhardt et al. 2005](https://doi.org/10.21437/Interspeech.2005-446); "
        "utterances that fewer recognised were left out",
    ),
)
