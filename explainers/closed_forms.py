"""Shapley values and LIME coefficients of a Gaussian process over coalitions, in closed form.

Both are linear in the game, and for a product kernel both are short sums of products over players:
Gauss-Legendre nodes for Shapley values, roots of unity for LIME. No model row is asked.
"""

import math

import numpy as np
import torch
from torch import Tensor

from explainers.gaussian_process import Process


def shapley(odd: Process) -> Tensor:
    """Shapley values (P,) of the process; the even half of a game has none.

    The value of player i in the game k(., T) is the integral over p in (0, 1) of what i adds when
    everybody else is present with probability p (Owen, Management Science 18, 1972): +-(1 - r_i)
    times the product over j != i of p + (1 - p) r_j where T_j = 1 and of p r_j + 1 - p elsewhere: a
    polynomial in p, which half as many Gauss-Legendre points as players integrate exactly.
    """
    signs, rates = odd.signs, odd.rates
    r = torch.exp(-rates)
    total = torch.zeros_like(signs)
    points, masses = np.polynomial.legendre.leggauss(signs.shape[1] // 2 + 1)
    for p, mass in zip((points + 1) / 2, masses / 2, strict=True):  # from (-1, 1) to (0, 1)
        own = torch.where(signs > 0, p + (1 - p) * r, p * r + 1 - p).log()
        total += mass * torch.exp(own.sum(dim=1, keepdim=True) - own)
    # expm1 keeps the digits of 1 - r where players hardly matter.
    of_kernel = -torch.expm1(-rates) * signs * total
    return 2 * odd.slopes + of_kernel.T @ odd.weights


def size_moments(weights: Tensor) -> Tensor:
    """(P + 1, P + 1) mean of w(|S|) [S, 1] [S, 1]' over fair coins.

    Args:
        weights: (P + 1,) w by size of the coalition, float64.
    """
    count = len(weights) - 1
    sizes = torch.arange(count + 1, dtype=weights.dtype)
    logs = [math.lgamma(count + 1) - math.lgamma(s + 1) - math.lgamma(count - s + 1) for s in sizes]
    mass = weights * (torch.tensor(logs, dtype=weights.dtype) - count * math.log(2)).exp()
    one = (mass * sizes).sum() / count
    two = (mass * sizes * (sizes - 1)).sum() / max(count * (count - 1), 1)
    moments = torch.full((count + 1, count + 1), float(two), dtype=weights.dtype)
    moments.fill_diagonal_(float(one))
    moments[-1], moments[:, -1] = one, one
    moments[-1, -1] = mass.sum()
    return moments


def value_moments(halves: tuple[Process, Process], weights: Tensor) -> Tensor:
    """(P + 1,) mean of w(|S|) [S, 1] v(S) over fair coins, v being the sum of both halves.

    The weight of a size is a sum of powers of roots of unity, w(s) = sum_m c_m u_m^s, and for each
    of them the mean over coalitions is a product over players.

    Args:
        halves: The odd and the even half.
        weights: (P + 1,) w by size of the coalition.
    """
    odd, even = halves
    count = odd.signs.shape[1]
    # The linear part of the odd half is S @ 2 slopes - sum(slopes).
    linear = torch.cat([2 * odd.slopes, even.slopes - odd.slopes.sum()])
    moments = size_moments(weights) @ linear
    n_roots = count + 1 + count % 2  # odd, so that no root is -1, where factors could vanish
    padded = torch.cat([weights, weights.new_zeros(n_roots - count - 1)])
    coefficients = torch.fft.fft(padded) / n_roots
    for m in range(n_roots // 2 + 1):  # the others are complex conjugates
        root = complex(math.cos(2 * math.pi * m / n_roots), math.sin(2 * math.pi * m / n_roots))
        twice = 1 if m == 0 else 2
        for half in halves:
            moments = moments + twice * (coefficients[m] * _coin_moments(half, root)).real
    return moments


def _coin_moments(half: Process, root: complex) -> Tensor:
    """(P + 1,) mean of root^|S| [S, 1] times the kernel part of one half, over fair coins."""
    r = torch.exp(-half.rates)
    total = torch.zeros(half.signs.shape[1] + 1, dtype=torch.complex128)
    for parity, signs in ((1, half.signs), (half.parity, -half.signs)):
        shown = torch.where(signs > 0, 1.0, r) * root / 2
        both = shown + torch.where(signs > 0, r, 1.0) / 2
        weights = parity * half.weights * both.prod(dim=1) / 2
        total[:-1] += (shown / both).T @ weights
        total[-1] += weights.sum()
    return total
