import threading

from sakimori.aws.limiter import Limiter, Limiters
from sakimori.aws.settings import Clock


class FakeTime:
    """Time that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.now, sleep=self.sleep, chance=lambda: 0.5)


class Bucket:
    """AWS's token bucket: `rate` calls a second, `burst` at once."""

    def __init__(self, time: FakeTime, rate: float, burst: float) -> None:
        self.time, self.rate, self.burst = time, rate, burst
        self.tokens, self.filled_at, self.refused = burst, time.now, 0

    def takes(self) -> bool:
        self.tokens = min(self.burst, self.tokens + (self.time.now - self.filled_at) * self.rate)
        self.filled_at = self.time.now
        if self.tokens >= 1:
            self.tokens -= 1
            return True
        self.refused += 1
        return False


def run(time: FakeTime, bucket: Bucket, limiter: Limiter, calls: int) -> None:
    for _ in range(calls):
        while True:
            turn = limiter.take_turn()
            time.sleep(0.002)
            if bucket.takes():
                limiter.succeeded()
                break
            limiter.throttled(turn)


def test_nothing_is_paced_before_aws_throttles() -> None:
    time = FakeTime()
    limiter = Limiter(time.clock())
    for _ in range(1000):
        limiter.take_turn()
        limiter.succeeded()
    assert time.now == 1000.0


def test_pace_follows_what_aws_lets_through() -> None:
    for rate in (5.0, 20.0, 100.0):
        time = FakeTime()
        bucket = Bucket(time, rate, burst=10)
        limiter = Limiter(time.clock())
        calls = int(rate * 60)
        run(time, bucket, limiter, calls)
        ideal = (calls - 10) / rate
        assert ideal <= time.now - 1000.0 < ideal * 1.25
        assert bucket.refused < calls * 0.25


def test_pace_grows_again_once_aws_allows_more() -> None:
    time = FakeTime()
    bucket = Bucket(time, 5, burst=5)
    limiter = Limiter(time.clock())
    run(time, bucket, limiter, 100)
    bucket.rate, bucket.burst, began = 1e6, 1e6, time.now
    run(time, bucket, limiter, 3000)
    assert time.now - began < 30


def test_calls_sent_at_one_pace_lower_it_once() -> None:
    time = FakeTime()
    limiter = Limiter(time.clock())
    turns = []
    for _ in range(40):
        turns.append(limiter.take_turn())
        limiter.succeeded()
    for turn in turns:
        limiter.throttled(turn)
    began = time.now
    for _ in range(10):
        limiter.take_turn()
    assert time.now - began < 1.0  # about 28 a second: 0.7 of the 40 that got through, lowered once


def test_waiting_callers_are_served_in_the_order_of_their_coming() -> None:
    gate = threading.Semaphore(0)
    time = FakeTime()

    def sleep(seconds: float) -> None:
        gate.acquire(timeout=120)
        time.sleep(seconds)

    limiter = Limiter(Clock(monotonic=lambda: time.now, sleep=sleep, chance=lambda: 0.5))
    limiter.throttled(limiter.take_turn())
    served: list[int] = []

    def work(number: int) -> None:
        limiter.take_turn()
        served.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for number, thread in enumerate(threads):
        thread.start()
        while len(limiter._waiting) <= number:
            thread.join(0.001)
    for _ in range(200):
        gate.release()
    for thread in threads:
        thread.join(120)
    assert served == list(range(8))


def test_interrupted_caller_gives_its_place_to_the_next() -> None:
    time = FakeTime()
    interrupted = iter([True])

    def sleep(seconds: float) -> None:
        if next(interrupted, False):
            raise KeyboardInterrupt
        time.sleep(seconds)

    limiter = Limiter(Clock(monotonic=lambda: time.now, sleep=sleep, chance=lambda: 0.5))
    limiter.throttled(limiter.take_turn())
    try:
        limiter.take_turn()
    except KeyboardInterrupt:
        limiter.take_turn()
        return
    raise AssertionError("the sleep was not interrupted")


def test_services_and_regions_are_paced_apart() -> None:
    limiters = Limiters(Clock())
    assert limiters.of("iam", "us-east-1") is limiters.of("iam", "us-east-1")
    assert limiters.of("ec2", "us-east-1") is not limiters.of("ec2", "us-east-2")
    assert limiters.of("ec2", "us-east-1") is not limiters.of("iam", "us-east-1")
