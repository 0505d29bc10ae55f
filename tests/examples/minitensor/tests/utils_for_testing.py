import math


def shape_of(rows):
    return [len(rows), len(rows[0])]


def comp_pcc(expected, actual, pcc=0.99):
    x = [value for row in expected for value in row]
    y = [value for row in actual for value in row]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y))
    spread = math.sqrt(sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y))
    value = covariance / spread if spread else float(x == y)
    return value >= pcc, value


def assert_with_pcc(expected_result, actual_result, pcc=0.9999):
    assert shape_of(expected_result) == shape_of(
        actual_result
    ), f"shape_of(expected_result)={shape_of(expected_result)} vs shape_of(actual_result)={shape_of(actual_result)}"
    passed, message = comp_pcc(expected_result, actual_result, pcc)
    assert passed, message
