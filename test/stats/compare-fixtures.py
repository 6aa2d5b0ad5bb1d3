"""Writes compare-fixtures.json, the numbers that compare.spec.ts expects.

    apt-get install python3-scipy python3-statsmodels
    /usr/bin/python3 test/stats/compare-fixtures.py > test/stats/compare-fixtures.json

Made with scipy 1.10.1 and statsmodels 0.13.5 of Debian 12. chi2_contingency corrects for continuity
as prop.test of R does.
"""

import json

from scipy.stats import chi2, chi2_contingency, chisquare
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

PAIRS = [
    [120, 1000, 150, 1000],
    [150, 1000, 120, 1000],
    [30, 1000, 55, 1000],
    [300, 10000, 355, 10000],
    [2, 5000, 11, 5000],
    [0, 40, 6, 45],
    [0, 1000, 1, 1000],
    [1, 1, 0, 1],
    [40, 40, 33, 40],
    [7, 90, 11, 9000],
    [1, 3, 2, 3],
    [20500, 100000, 19500, 100000],
    [400000, 1000000, 402000, 1000000],
    [900, 1000, 100, 1000],
]
SPLITS = [
    [[1000, 1000], [1, 1]],
    [[1000, 1100], [1, 1]],
    [[5000, 5400], [50, 50]],
    [[900, 101], [90, 10]],
    [[330, 340, 350], [1, 1, 1]],
    [[500, 240, 260, 10], [2, 1, 1, 0.05]],
    [[100, 90, 105, 99, 140], [1, 1, 1, 1, 1]],
    [[12000, 11900, 12100, 12050, 11800], [0.2, 0.2, 0.2, 0.2, 0.2]],
]


def pair(x, n, y, m):
    table = [[x, n - x], [y, m - y]]
    return {
        "given": [x, n, y, m],
        "rates": [list(proportion_confint(a, b, method="wilson")) for a, b in ((x, n), (y, m))],
        "difference": list(
            confint_proportions_2indep(x, n, y, m, method="newcomb", compare="diff")
        ),
        "p": chi2_contingency(table, correction=True)[1],
    }


def split(sizes, shares):
    expected = [share / sum(shares) * sum(sizes) for share in shares]
    return {"sizes": sizes, "split": shares, "p": chisquare(sizes, expected).pvalue}


tails = [
    [x, df, chi2.sf(x, df)]
    for df in (1, 2, 3, 4)
    for x in (0, 0.01, 0.5, 2, 3.9, 7.99, 8, 8.01, 25, 120, 1000)
]
print(
    json.dumps(
        {
            "pairs": [pair(*given) for given in PAIRS],
            "splits": [split(*given) for given in SPLITS],
            "tails": tails,
        }
    )
)
