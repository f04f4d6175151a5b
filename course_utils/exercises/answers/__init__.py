"""What students' copies can leave out: worked solutions, each with its reason, and the mistakes that checks know."""

from course_utils.exercises.answers import attention, lstm, rnn, seq2seq

MISTAKES = {name: mistakes for lesson in (rnn, lstm, seq2seq, attention) for name, mistakes in lesson.MISTAKES.items()}
SOLUTIONS = {name: getattr(lesson, name) for lesson in (rnn, lstm, seq2seq, attention) for name in lesson.MISTAKES}
