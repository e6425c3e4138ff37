"""A report made by hand that holds every awkward value: NaN, -0.0, tiny numbers, formulas."""

import numpy as np

from explainers.agreement import METRICS, Agreement
from explainers.explanation import Baseline, Explanation, MethodId, Target
from explainers.players import Players
from explainers.report import ConsultRequest, EvidenceReport, MethodFailure
from models.card import ModelCard
from models.case import ImageFrame
from models.prediction import InputCheck, Prediction

PLAYERS = Players(
    membership=np.array([0, 0, 1, 1, 2, -1], dtype=np.int32),
    element_shape=(2, 3),
    kind="superpixel",
    names=("=HYPERLINK(1)", "patient's left, lower", "midline, <b>upper</b>"),
)
AWKWARD = np.array([1 / 3, -0.0, 5e-324])


def explanation(method: MethodId, **changed: object) -> Explanation:
    """A stochastic, signed answer on PLAYERS."""
    fields: dict[str, object] = {
        "method": method,
        "case_digest": "d" * 64,
        "model_id": "hand",
        "weights_sha256": "a" * 64,
        "players": PLAYERS,
        "values": AWKWARD,
        "std_error": np.array([0.1, 1e300, 2**-60]),
        "element_map": np.linspace(-1, 1, 6) / 3,
        "signed": True,
        "kind": "additive",
        "target": Target(index=1, name="sick", contrast=0),
        "scale": "probability",
        "baseline": Baseline(name="blur", description="strongly blurred"),
        "value_full": 0.1 + 0.2,
        "value_empty": -0.1,
        "settings": {"masks": 100, "penalty": 1.0, "enumerated": False},
        "diagnostics": {"surrogate_r2": float("nan")},
        "seed": 7,
        "rows": 100,
        "seconds": 0.25,
        "device": "cpu",
        "remarks": ("A remark.",),
    }
    return Explanation(**{**fields, **changed})  # type: ignore[arg-type]


def agreement() -> Agreement:
    """Two methods; one metric undefined between them."""
    matrices = {
        name: np.array([[1.0, np.nan], [np.nan, 1.0]])
        if name == "sign_agreement"
        else np.array([[1.0, 0.1 * i], [0.1 * i, 1.0]])
        for i, name in enumerate(METRICS)
    }
    return Agreement(
        methods=("lime", "grad_cam"),
        players=PLAYERS,
        k=2,
        shares=np.array([[1.0, 0.0, 0.0], [np.nan] * 3]),
        share_errors=np.array([[0.1, 0.2, 0.3], [0.0] * 3]),
        ranks=np.array([[1.0, 2.5, 2.5], [2.0, 2.0, 2.0]]),
        metrics=matrices,
        chance_floor={name: matrix / 2 for name, matrix in matrices.items()},
        chance_band={name: matrix * 0.9 for name, matrix in matrices.items()},
        noise_ceiling={name: np.full((2, 2), np.nan) for name in METRICS},
        threshold=1 / 3,
        verdicts=("contested", "quiet", "undecided"),
        reasons=("-LIME says so, Grad-CAM does not.", "", "Too noisy."),
        contested=np.array([0.9, 0.0, np.nan]),
        remarks=("Baselines differ.",),
    )


def report(**changed: object) -> EvidenceReport:
    """Two answers, a failure, an input check that refuses."""
    fields: dict[str, object] = {
        "case_digest": "d" * 64,
        "modality": "image",
        "model": ModelCard(
            id="hand",
            title="Hand-made model",
            modality="image",
            classes=("well", "sick"),
            head="softmax",
            input_shape=(1, 2, 3),
            weights_sha256="a" * 64,
            capabilities=frozenset({"gradient", "feature_maps"}),
            default_target="sick",
            operating_point=0.3,
            intended_use="Tests.",
            limits=("None known.",),
        ),
        "prediction": Prediction(
            classes=("well", "sick"),
            logits=np.array([-0.7, 0.7]),
            probabilities=np.array([0.2, 0.8]),
            check=InputCheck(
                accepted=False, message="This is no film.", scores=(("distance", 3.0, 1.0),)
            ),
        ),
        "request": ConsultRequest(
            methods=("lime", "grad_cam", "rise"),
            contrast="well",
            scale="probability",
            seed=7,
            budgets=(("rise", 64),),
        ),
        "target": Target(index=1, name="sick", contrast=0),
        "baseline": Baseline(name="blur", description="strongly blurred"),
        "players": PLAYERS,
        "frame": ImageFrame(top=1.0, left=2.5, height=200.0, width=200.0),
        "explanations": (
            explanation("lime"),
            explanation(
                "grad_cam",
                values=np.zeros(3),
                std_error=None,
                element_map=None,
                signed=False,
                kind="density",
                baseline=None,
                value_empty=None,
                settings={},
                diagnostics={},
                remarks=(),
            ),
        ),
        "failures": (MethodFailure(method="rise", reason="The budget is too small."),),
        "agreement": agreement(),
        "remarks": ("Polarity inverted.",),
        "environment": {"torch": "2.14.1", "device": "cpu"},
    }
    return EvidenceReport(**{**fields, **changed})  # type: ignore[arg-type]
