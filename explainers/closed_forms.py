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
    points, masses = np.polynomial.legendre.leggauss(signs.shape[1] // 2 + 1)
    p = torch.from_numpy((points + 1) / 2)[:, None]  # from (-1, 1) to (0, 1)
    shown, hidden = p + (1 - p) * r, p * r + 1 - p  # (nodes, P) factors where T_j = 1, and 0
    present = (signs > 0).to(signs.dtype)
    products = present @ (shown.log() - hidden.log()).T + hidden.log().sum(dim=1)
    products = products.exp_().mul_(torch.from_numpy(masses / 2)).mul_(odd.weights[:, None])
    # sum over T of +-(product without i), by whether T holds i: a division takes i out.
    held = products.T @ present
    of_kernel = (held / shown - (products.sum(dim=0)[:, None] - held) / hidden).sum(dim=0)
    # expm1 keeps the digits of 1 - r where players hardly matter.
    values = 2 * odd.slopes - torch.expm1(-rates) * of_kernel
    # The interaction of three players goes from -1 to 1, a third of that with each of them.
    for players in odd.sets.unbind(dim=1):
        values.index_add_(0, players, odd.effects, alpha=2 / odd.sets.shape[1])
    return values


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
    half = torch.arange(n_roots // 2 + 1, dtype=weights.dtype)  # the others are their conjugates
    roots = torch.polar(torch.ones_like(half), 2 * math.pi * half / n_roots)
    coefficients = torch.fft.fft(padded)[: len(half)] / n_roots * torch.where(half > 0, 2, 1)
    for process in halves:
        moments = moments + (coefficients @ _coin_moments(process, roots)).real
        moments = moments + _joint_moments(process, weights)
    return moments


def _coin_moments(process: Process, roots: Tensor) -> Tensor:
    """(R, P + 1) mean of root^|S| [S, 1] times the kernel part of one half, over fair coins.

    For a coalition T of the process the mean is a product over players: of (root + r_j) / 2 where
    T_j = 1 and (1 + r_j root) / 2 elsewhere. Where S holds i, its factor is root or r_i root, over
    2. The complement of T counts by the parity.
    """
    r, root = torch.exp(-process.rates), roots[:, None]
    shown, hidden = (root + r) / 2, (1 + r * root) / 2  # (R, P)
    present = (process.signs > 0).to(shown.dtype)
    parts = shown.log() - hidden.log()
    found = torch.zeros(len(roots), len(r) + 1, dtype=shown.dtype)
    for parity, holds in ((1, present), (process.parity, 1 - present)):
        products = (holds @ parts.T + hidden.log().sum(dim=1)).exp_()
        products = products.mul_((parity * process.weights / 2)[:, None])  # (n, R)
        total = products.sum(dim=0)[:, None]
        held = products.T @ holds
        found[:, :-1] += root / 2 * (held / shown + (total - held) * r / hidden)
        found[:, -1] += total[:, 0]
    return found


def _joint_moments(process: Process, weights: Tensor) -> Tensor:
    """(P + 1,) mean of w(|S|) [S, 1] times the sets' part of one half, over fair coins.

    S_i is (1 + z_i) / 2, and z_i times the interaction of a set is that of the set without i, or
    with it.
    """
    size = process.sets.shape[1]
    fewer, same, more = (sign_moment(weights, size + step) for step in (-1, 0, 1))
    total, held = process.effects.sum(), torch.zeros_like(process.rates)
    for players in process.sets.unbind(dim=1):
        held.index_add_(0, players, process.effects)
    mixed = held * fewer + (total - held) * more
    return torch.cat([(total * same + mixed) / 2, (total * same)[None]])


def sign_moment(weights: Tensor, size: int) -> float:
    """Mean of w(|S|) times the interaction of so many given players, over fair coins."""
    count = len(weights) - 1
    if size > count:
        return 0.0  # there are no such sets
    rest = count - size
    others = torch.arange(rest + 1, dtype=weights.dtype)  # players beside them that coins show
    fixed = torch.lgamma(others + 1) + torch.lgamma(rest - others + 1)
    mass = (math.lgamma(rest + 1) - fixed - count * math.log(2)).exp()
    mean = 0.0
    for shown in range(size + 1):
        ways = math.comb(size, shown) * (-1.0) ** (size - shown)
        mean += ways * float(mass @ weights[shown : shown + rest + 1])
    return mean
