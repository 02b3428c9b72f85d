"""人人通: my children's notices, one notice, a school, and the teacher's desk."""
