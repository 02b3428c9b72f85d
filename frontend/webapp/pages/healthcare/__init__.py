"""预约挂号: hospital, department, doctor, time; booking; my appointments; the registrar's desk."""
