"""Pipelines of scikit-learn as skl2onnx writes them; imported for its entries in exported_cases.MODELS."""

import numpy as np

from exported_cases import model


def digits():
    """Handwritten digits that scikit-learn carries: 300 samples of 64 features, and labels."""
    from sklearn.datasets import load_digits
    x, y = load_digits(return_X_y=True)
    return x[:300].astype(np.float32), y[:300]


def sklearn_model(estimator, labels=None, zipmap=False):
    """A trained pipeline as skl2onnx writes it; by default class probabilities are one array."""
    import warnings

    from skl2onnx import to_onnx
    warnings.filterwarnings("ignore")
    x, y = digits()
    estimator.fit(x, y if labels is None else labels(y))
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    options = {id(last): {"zipmap": False}} if hasattr(last, "predict_proba") and not zipmap else None
    return to_onnx(estimator, x[:1], options=options), {"X": x[:7]}


def names_of(y):
    return np.array(["low", "high"])[(y > 4).astype(int)]


@model
def sklearn_mlp_classifier():
    from sklearn.neural_network import MLPClassifier
    return sklearn_model(MLPClassifier((24, 16), max_iter=20, random_state=0))


@model
def sklearn_mlp_two_classes():
    from sklearn.neural_network import MLPClassifier
    return sklearn_model(MLPClassifier((8,), activation="tanh", max_iter=20, random_state=0), lambda y: (y > 4) * 1)


@model
def sklearn_scaled_mlp_regressor():
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    return sklearn_model(make_pipeline(
        StandardScaler(), MLPRegressor(hidden_layer_sizes=(16,), activation="logistic", max_iter=20, random_state=0)))


@model
def sklearn_scaled_logistic_regression():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    return sklearn_model(make_pipeline(StandardScaler(), LogisticRegression(max_iter=50)))


@model
def sklearn_logistic_two_names():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler
    return sklearn_model(make_pipeline(MinMaxScaler(), LogisticRegression(max_iter=50)), names_of)


@model
def sklearn_logistic_zipmap():
    from sklearn.linear_model import LogisticRegression
    return sklearn_model(LogisticRegression(max_iter=20), zipmap=True)


@model
def sklearn_linear_svc():
    from sklearn.svm import LinearSVC
    return sklearn_model(LinearSVC())


@model
def sklearn_normalized_logistic_regression():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer
    return sklearn_model(make_pipeline(Normalizer(), LogisticRegression(max_iter=50)))


@model
def sklearn_sgd_log_loss():
    from sklearn.linear_model import SGDClassifier
    return sklearn_model(SGDClassifier(loss="log_loss", random_state=0))


@model
def sklearn_pca_ridge():
    from sklearn.decomposition import PCA
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    return sklearn_model(make_pipeline(PCA(8), Ridge()))
